package io.juicebox.node.service;

import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.juicebox.csi.status.DriverException.BackendUnavailable;
import io.juicebox.node.kernel.Deadline;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * A connection to the mount service that comes back with it.
 *
 * <p>Left alone, gRPC waits up to two minutes between two attempts to connect, which is meant for a
 * network. Whoever waits here has it try each 20 ms: on a unix socket an attempt costs nothing.
 */
final class ServiceConnection implements AutoCloseable {
  private static final String SERVICE = "the mount service";
  private static final Duration LOOK = Duration.ofMillis(20);

  /** The last lines of a juicefs log are part of a message, and letters outside ASCII triple. */
  private static final int LARGEST_TRAILERS = 64 << 10;

  /** A node's mounts and their options in one answer. */
  private static final int LARGEST_ANSWER = 16 << 20;

  private final Path socket;
  private final EventLoopGroup loop;
  private final ManagedChannel channel;

  ServiceConnection(Path socket) {
    this.socket = socket;
    this.loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    this.channel =
        NettyChannelBuilder.forAddress(UnixDomainSocketAddress.of(socket))
            .channelType(NioDomainSocketChannel.class, UnixDomainSocketAddress.class)
            .eventLoopGroup(loop)
            .overrideAuthority("localhost")
            .maxInboundMetadataSize(LARGEST_TRAILERS)
            .maxInboundMessageSize(LARGEST_ANSWER)
            .disableRetry() // a call that was cut off is repeated by who knows that it may be
            .usePlaintext()
            .build();
  }

  ManagedChannel channel() {
    return channel;
  }

  /**
   * Waits until the service is there.
   *
   * @throws BackendUnavailable when it is not within the limit
   */
  void await(Duration limit) {
    if (!isThereWithin(limit)) {
      throw away("nobody answers at " + socket);
    }
  }

  /** Whether the service is there, or comes within the limit. */
  boolean isThereWithin(Duration limit) {
    Deadline deadline = Deadline.after(limit);
    while (true) {
      ConnectivityState state = channel.getState(true);
      if (state == ConnectivityState.READY) {
        return true;
      }
      if (state == ConnectivityState.TRANSIENT_FAILURE) {
        channel.resetConnectBackoff();
      }
      if (state == ConnectivityState.SHUTDOWN || deadline.passed()) {
        return false;
      }
      pause(deadline.remaining(LOOK));
    }
  }

  private static void pause(Duration time) {
    try {
      Thread.sleep(time);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw away("the program is ending");
    }
  }

  static BackendUnavailable away(String why) {
    return new BackendUnavailable(SERVICE, why + "; call again", null);
  }

  @Override
  public void close() {
    channel.shutdownNow();
    var _ = loop.shutdownGracefully(0, 0, TimeUnit.SECONDS);
  }
}
