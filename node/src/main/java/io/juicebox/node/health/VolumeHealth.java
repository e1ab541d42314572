package io.juicebox.node.health;

import io.juicebox.csi.volume.VolumeId;
import io.juicebox.node.kernel.FilesystemRoom;
import java.time.Instant;
import java.util.Optional;

/**
 * How a volume is on this node.
 *
 * @param cause for people: what is wrong and what to do; empty when nothing is
 * @param since when it came into this state
 * @param room as it was at the last look, if the volume answered
 */
public record VolumeHealth(
    VolumeId volume, State state, String cause, Instant since, Optional<FilesystemRoom> room) {

  /** What can be the matter. */
  public enum State {
    HEALTHY("Healthy"),
    /** The mount is there and its process does not answer in time. */
    NOT_ANSWERING("NotAnswering"),
    /** The mount is there and its process is gone, or answers with errors. */
    BROKEN("MountBroken"),
    /** Its process has ended or is being replaced; programs that use it wait. */
    RESTARTING("Restarting"),
    /** The last attempt to publish the volume failed, and it is not mounted. */
    PUBLISH_FAILED("PublishFailed");

    private final String reason;

    State(String reason) {
      this.reason = reason;
    }

    /** The state as one CamelCase word, for programs. */
    public String reason() {
      return reason;
    }
  }

  public boolean healthy() {
    return state == State.HEALTHY;
  }
}
