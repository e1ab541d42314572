package io.juicebox.csi.server;

import io.grpc.ServerInterceptor;
import io.grpc.stub.StreamObserver;
import io.juicebox.csi.identity.IdentityService;
import io.juicebox.csi.log.CallLog;
import io.juicebox.csi.spec.NodeGrpc;
import io.juicebox.csi.spec.NodePublishVolumeRequest;
import io.juicebox.csi.spec.NodePublishVolumeResponse;
import io.juicebox.csi.status.StatusInterceptor;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;

/**
 * A server of a Node service whose NodePublishVolume does what a test wants, with the interceptors
 * that the programs have, and a client for it.
 */
public final class TestingNode implements AutoCloseable {
  /** What the metrics were told: {@code method code}. */
  public final Queue<String> calls = new ConcurrentLinkedQueue<>();

  public final CsiServer server;
  private final TestingClient client;

  /** One that answers when the given code has returned. */
  public static TestingNode doing(Path socket, Consumer<NodePublishVolumeRequest> publish)
      throws IOException {
    return new TestingNode(
        socket,
        (request, answer) -> {
          publish.accept(request);
          answer.onNext(NodePublishVolumeResponse.getDefaultInstance());
          answer.onCompleted();
        });
  }

  public TestingNode(Path socket, Publish publish) throws IOException {
    CallLog.Calls metrics = (method, code, duration) -> calls.add(method + " " + code);
    List<ServerInterceptor> interceptors = List.of(new CallLog(metrics), new StatusInterceptor());
    var identity = new IdentityService(Map.of("program", "node"), () -> true);
    server =
        new CsiServer(new Endpoint(socket), interceptors, List.of(identity, new Service(publish)));
    server.start();
    client = new TestingClient(socket);
  }

  /** A service's method. */
  @FunctionalInterface
  public interface Publish {
    void publish(
        NodePublishVolumeRequest request, StreamObserver<NodePublishVolumeResponse> answer);
  }

  public TestingClient client() {
    return client;
  }

  private static final class Service extends NodeGrpc.NodeImplBase {
    private final Publish publish;

    Service(Publish publish) {
      this.publish = publish;
    }

    @Override
    public void nodePublishVolume(
        NodePublishVolumeRequest request, StreamObserver<NodePublishVolumeResponse> answer) {
      publish.publish(request, answer);
    }
  }

  /** Ends it and waits until it has ended. */
  public void stop() throws InterruptedException {
    client.stop();
    server.drain(Duration.ofSeconds(1));
  }

  @Override
  public void close() {
    try {
      stop();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
