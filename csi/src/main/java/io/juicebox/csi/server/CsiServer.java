package io.juicebox.csi.server;

import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.ServerInterceptor;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * A gRPC server on a unix socket of mode 0600; each call runs on a virtual thread of its own.
 *
 * <p>A socket file that a killed predecessor left is replaced. One that a living process serves is
 * not: {@link #start} fails. The socket appears at its path only when its mode is set.
 */
public final class CsiServer {
  /** CSI messages are far smaller: the specification bounds a field at 4 KiB for maps. */
  private static final int LARGEST_REQUEST = 1 << 20;

  /** A CO calls a few at a time; more than this in one connection waits in the client. */
  private static final int CALLS_PER_CONNECTION = 256;

  private final SocketPlace place;
  private final Server server;
  private final MultiThreadIoEventLoopGroup eventLoop;
  private final ExecutorService calls;
  private volatile boolean listening;

  /**
   * A server whose socket is the only one in a folder of its own.
   *
   * @param interceptors the first one is the outermost
   */
  public CsiServer(
      Endpoint endpoint, List<ServerInterceptor> interceptors, List<BindableService> services) {
    this(new OwnSocket(endpoint), interceptors, services);
  }

  /** As the other, with another way for the socket to its path. */
  public CsiServer(
      SocketPlace place, List<ServerInterceptor> interceptors, List<BindableService> services) {
    this.place = place;
    this.eventLoop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    this.calls = Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("rpc-", 0).factory());
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(UnixDomainSocketAddress.of(place.birthplace()))
            .channelType(NioServerDomainSocketChannel.class)
            .bossEventLoopGroup(eventLoop)
            .workerEventLoopGroup(eventLoop)
            .executor(calls)
            .maxInboundMessageSize(LARGEST_REQUEST)
            .maxConcurrentCallsPerConnection(CALLS_PER_CONNECTION);
    interceptors.reversed().forEach(builder::intercept);
    services.stream()
        .map(service -> UnreadableRequests.refusedBy(service.bindService()))
        .forEach(builder::addService);
    this.server = builder.build();
  }

  /**
   * Begins to listen. After a failure nothing of the server is left and it can't be started again.
   *
   * @throws IOException when the socket's folder can't be made, when the path holds something that
   *     is no socket, or when another process serves it
   */
  public void start() throws IOException {
    try {
      place.show(server::start);
      listening = true;
    } catch (IOException | RuntimeException e) {
      end(); // the event loop's thread would keep the program alive
      throw e;
    }
  }

  /**
   * Takes no new call and lets those under way end, for at most the given time; then cuts them off.
   */
  public void drain(Duration patience) throws InterruptedException {
    if (listening) {
      listening = false;
      place.remove(); // while it is served, so that it can't be a successor's
    }
    server.shutdown();
    if (!server.awaitTermination(patience.toMillis(), TimeUnit.MILLISECONDS)) {
      server.shutdownNow().awaitTermination(1, TimeUnit.SECONDS);
      calls.shutdownNow(); // their answers go nowhere, but only while the event loop runs
      var _ = calls.awaitTermination(1, TimeUnit.SECONDS);
    }
    end();
    eventLoop.terminationFuture().await();
  }

  private void end() {
    server.shutdownNow();
    calls.shutdownNow();
    var _ = eventLoop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  /** Waits until the server has been drained. */
  public void awaitEnd() throws InterruptedException {
    server.awaitTermination();
  }
}
