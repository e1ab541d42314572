package io.juicebox.csi.server;

import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.ServerInterceptor;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * A gRPC server on a unix socket of mode 0600; each call runs on a virtual thread of its own.
 *
 * <p>A socket file that a killed predecessor left is replaced. One that a living process serves is
 * not: {@link #start} fails.
 */
public final class CsiServer {
  /** CSI messages are far smaller: the specification bounds a field at 4 KiB for maps. */
  private static final int LARGEST_REQUEST = 1 << 20;

  /** A CO calls a few at a time; more than this in one connection waits in the client. */
  private static final int CALLS_PER_CONNECTION = 256;

  private final Endpoint endpoint;
  private final Server server;
  private final MultiThreadIoEventLoopGroup eventLoop;
  private final ExecutorService calls;

  /**
   * @param interceptors the first one is the outermost
   */
  public CsiServer(
      Endpoint endpoint, List<ServerInterceptor> interceptors, List<BindableService> services) {
    this.endpoint = endpoint;
    this.eventLoop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    this.calls = Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("rpc-", 0).factory());
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(UnixDomainSocketAddress.of(endpoint.socket()))
            .channelType(NioServerDomainSocketChannel.class)
            .bossEventLoopGroup(eventLoop)
            .workerEventLoopGroup(eventLoop)
            .executor(calls)
            .maxInboundMessageSize(LARGEST_REQUEST)
            .maxConcurrentCallsPerConnection(CALLS_PER_CONNECTION);
    interceptors.reversed().forEach(builder::intercept);
    services.forEach(builder::addService);
    this.server = builder.build();
  }

  /**
   * Begins to listen.
   *
   * @throws IOException when the socket's folder can't be made, when the path holds something that
   *     is no socket, or when another process serves it
   */
  public void start() throws IOException {
    Path socket = endpoint.socket();
    Path folder = socket.getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    removeStale(socket);
    server.start();
    Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-------"));
  }

  private static void removeStale(Path socket) throws IOException {
    if (!Files.exists(socket, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    boolean isSocket =
        Files.readAttributes(socket, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
            .isOther();
    if (!isSocket) {
      throw new IOException(socket + " exists and is no socket; remove it or change CSI_ENDPOINT");
    }
    if (isServed(socket)) {
      throw new IOException(socket + " is served by another process; stop it first");
    }
    Files.delete(socket);
  }

  private static boolean isServed(Path socket) {
    try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      return channel.connect(UnixDomainSocketAddress.of(socket));
    } catch (IOException e) {
      return false; // nobody listens
    }
  }

  /**
   * Takes no new call and lets those under way end, for at most the given time; then cuts them off.
   */
  public void drain(Duration patience) throws InterruptedException {
    server.shutdown();
    if (!server.awaitTermination(patience.toMillis(), TimeUnit.MILLISECONDS)) {
      server.shutdownNow().awaitTermination(1, TimeUnit.SECONDS);
    }
    calls.shutdownNow();
    eventLoop.shutdownGracefully(0, 1, TimeUnit.SECONDS).await();
  }

  /** Waits until the server has been drained. */
  public void awaitEnd() throws InterruptedException {
    server.awaitTermination();
  }
}
