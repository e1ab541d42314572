package io.juicebox.node.proof;

import io.juicebox.csi.status.DriverException;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;

/**
 * A proof of a volume's credentials that is under way: both servers are being asked. Nobody has to
 * wait for it: it ends within the servers' own limits.
 */
public final class Proof {
  private final Future<List<Session>> metadata;
  private final Future<?> owner;

  Proof(Future<List<Session>> metadata, Future<?> owner) {
    this.metadata = metadata;
    this.owner = owner;
  }

  /**
   * Waits for the proof; the servers' own limits end the wait.
   *
   * @return the sessions of the volume that are alive
   * @throws DriverException Unauthenticated, Forbidden, BackendUnavailable naming the server,
   *     NotFound when the volume's metadata is not there, PreconditionFailed when the bucket or the
   *     owner object is not
   */
  public List<Session> sessions() {
    List<Session> sessions = await(metadata);
    await(owner);
    return sessions;
  }

  private static <T> T await(Future<T> answer) {
    try {
      return answer.get();
    } catch (ExecutionException e) {
      throw switch (e.getCause()) {
        case RuntimeException failure -> failure;
        case null, default -> new IllegalStateException(e);
      };
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DriverException.Failed("the program is ending");
    }
  }
}
