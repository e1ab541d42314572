package io.juicebox.test.client;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.stub.ClientCalls;
import io.juicebox.csi.spec.ControllerGrpc;
import io.juicebox.csi.spec.IdentityGrpc;
import io.juicebox.csi.spec.NodeGrpc;
import io.juicebox.csi.spec.ProbeRequest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Calls one CSI program on its unix socket. May be used by several threads at once. */
public final class CsiClient implements AutoCloseable {
  private static final Duration LONGEST_CALL = Duration.ofMinutes(5);
  private static final Bytes AS_THEY_ARE = new Bytes();

  private final UnixChannel connection;
  private final ManagedChannel channel;

  private CsiClient(UnixChannel connection) {
    this.connection = connection;
    this.channel = connection.channel();
  }

  /** A client of the program that listens on the socket; connects with the first call. */
  public static CsiClient of(Path socket) {
    return new CsiClient(UnixChannel.to(socket));
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
    connection.close();
  }
}
