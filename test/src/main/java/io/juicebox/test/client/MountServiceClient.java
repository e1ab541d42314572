package io.juicebox.test.client;

import io.grpc.StatusRuntimeException;
import io.juicebox.mountservice.v1.GetVersionRequest;
import io.juicebox.mountservice.v1.MountServiceGrpc;
import io.juicebox.mountservice.v1.MountServiceGrpc.MountServiceBlockingStub;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Calls a mount service on its unix socket. May be used by several threads at once. */
public final class MountServiceClient implements AutoCloseable {
  private static final Duration LONGEST_CALL = Duration.ofSeconds(90);

  private final UnixChannel connection;

  private MountServiceClient(UnixChannel connection) {
    this.connection = connection;
  }

  /** A client of the service that listens on the socket; connects with the first call. */
  public static MountServiceClient of(Path socket) {
    return new MountServiceClient(UnixChannel.to(socket));
  }

  /** Whether a service on the socket says its version, and that it can mount. */
  public static boolean answers(Path socket) {
    if (!Files.exists(socket)) {
      return false;
    }
    try (var client = of(socket)) {
      return MountServiceGrpc.newBlockingStub(client.connection.channel())
          .withDeadlineAfter(2, TimeUnit.SECONDS)
          .getVersion(GetVersionRequest.getDefaultInstance())
          .getProblem()
          .isEmpty();
    } catch (StatusRuntimeException e) {
      return false;
    }
  }

  /** A stub for one call; its deadline runs from now on. */
  public MountServiceBlockingStub calls() {
    return MountServiceGrpc.newBlockingStub(connection.channel())
        .withDeadlineAfter(LONGEST_CALL.toSeconds(), TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    connection.close();
  }
}
