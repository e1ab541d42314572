package io.juicebox.test.client;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.juicebox.csi.spec.ControllerGrpc;
import io.juicebox.csi.spec.IdentityGrpc;
import io.juicebox.csi.spec.NodeGrpc;
import io.juicebox.csi.spec.ProbeRequest;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Calls one CSI program on its unix socket. May be used by several threads at once. */
public final class CsiClient implements AutoCloseable {
  private static final Duration LONGEST_CALL = Duration.ofSeconds(90);
  private static final Bytes AS_THEY_ARE = new Bytes();

  private final EventLoopGroup loop;
  private final ManagedChannel channel;

  private CsiClient(EventLoopGroup loop, ManagedChannel channel) {
    this.loop = loop;
    this.channel = channel;
  }

  /** A client of the program that listens on the socket; connects with the first call. */
  public static CsiClient of(Path socket) {
    var loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    var channel =
        NettyChannelBuilder.forAddress(UnixDomainSocketAddress.of(socket))
            .channelType(NioDomainSocketChannel.class, UnixDomainSocketAddress.class)
            .eventLoopGroup(loop)
            .overrideAuthority("localhost")
            .usePlaintext()
            .build();
    return new CsiClient(loop, channel);
  }

  /** Whether a program on the socket answers a Probe with OK and ready now. */
  public static boolean probe(Path socket) {
    if (!Files.exists(socket)) {
      return false;
    }
    try (var client = of(socket)) {
      var answer =
          IdentityGrpc.newBlockingStub(client.channel)
              .withDeadlineAfter(2, TimeUnit.SECONDS)
              .probe(ProbeRequest.getDefaultInstance());
      return !answer.hasReady() || answer.getReady().getValue();
    } catch (io.grpc.StatusRuntimeException e) {
      return false;
    }
  }

  public IdentityGrpc.IdentityBlockingStub identity() {
    return IdentityGrpc.newBlockingStub(channel)
        .withDeadlineAfter(LONGEST_CALL.toSeconds(), TimeUnit.SECONDS);
  }

  public ControllerGrpc.ControllerBlockingStub controller() {
    return ControllerGrpc.newBlockingStub(channel)
        .withDeadlineAfter(LONGEST_CALL.toSeconds(), TimeUnit.SECONDS);
  }

  public NodeGrpc.NodeBlockingStub node() {
    return NodeGrpc.newBlockingStub(channel)
        .withDeadlineAfter(LONGEST_CALL.toSeconds(), TimeUnit.SECONDS);
  }

  /**
   * Makes a unary call whose request is these very bytes, so that a test can send what no message
   * can hold; returns those of the answer.
   *
   * @param method {@code csi.v1.Controller/CreateVolume}
   */
  public byte[] call(String method, byte[] request) {
    var descriptor =
        MethodDescriptor.newBuilder(AS_THEY_ARE, AS_THEY_ARE)
            .setFullMethodName(method)
            .setType(MethodDescriptor.MethodType.UNARY)
            .build();
    var options = CallOptions.DEFAULT.withDeadlineAfter(LONGEST_CALL.toSeconds(), TimeUnit.SECONDS);
    return ClientCalls.blockingUnaryCall(channel, descriptor, options, request);
  }

  private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Override
  public void close() {
    channel.shutdownNow();
    var _ = loop.shutdownGracefully(0, 0, TimeUnit.SECONDS);
  }
}
