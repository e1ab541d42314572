package io.juicebox.node.mount;

import io.juicebox.csi.status.DriverException;
import io.juicebox.node.proof.Session;
import io.juicebox.node.proof.VolumeBackend;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Frees what processes of this node that have ended hold in a volume's metadata: else their locks
 * keep others out for a minute, and a volume for one node seems to be in use.
 */
final class DeadSessions {
  private static final Logger LOG = LoggerFactory.getLogger(DeadSessions.class);

  private final VolumeBackend backend;
  private final SessionHost host;

  DeadSessions(VolumeBackend backend, SessionHost host) {
    this.backend = backend;
    this.host = host;
  }

  /**
   * Releases all sessions at this node's mount point of the volume, where no process runs now.
   *
   * @throws DriverException when Redis is away, or does not hold the volume
   */
  void release(MountRequest request, Path mountPoint) {
    List<Session> dead =
        backend.sessions(request.context(), request.backend()).stream()
            .filter(session -> session.isOf(host.name(), mountPoint))
            .toList();
    if (!dead.isEmpty()) {
      backend.release(request.context(), request.backend(), dead);
    }
  }

  /**
   * Begins to release the session of a process that has ended, while its successor starts. What
   * fails is told and left to the session's expiry.
   */
  void begin(MountRequest request, long session, Path mountPoint) {
    var dead = new Session(session, host.name(), 0, mountPoint.toString());
    Thread.ofVirtual()
        .name("release-session")
        .start(() -> {
          try {
            backend.release(request.context(), request.backend(), List.of(dead));
          } catch (DriverException e) {
            LOG.warn(
                "volume {}: the locks of session {}, whose process has ended, stay until it expires"
                    + " in a minute: {}",
                request.volume(),
                session,
                e.getMessage());
          }
        });
  }
}
