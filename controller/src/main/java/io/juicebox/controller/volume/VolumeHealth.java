package io.juicebox.controller.volume;

import io.juicebox.csi.volume.VolumeId;
import java.time.Instant;
import java.util.List;

/**
 * How a volume is, as the controller sees it.
 *
 * @param conditions what is wrong with it; empty when nothing is
 */
public record VolumeHealth(VolumeId volume, List<Condition> conditions) {

  /** How much harm a condition does. */
  public enum State {
    DEGRADED,
    INACCESSIBLE,
    DATA_LOSS
  }

  /** One thing that is wrong. */
  public enum Cause {
    OBJECT_STORE_UNAVAILABLE("ObjectStoreUnavailable", State.INACCESSIBLE),
    BUCKET_MISSING("BucketMissing", State.DATA_LOSS),
    FILESYSTEM_MISSING("FilesystemMissing", State.DATA_LOSS),
    FILESYSTEM_REPLACED("FilesystemReplaced", State.DATA_LOSS),
    CAPACITY_EXHAUSTED("CapacityExhausted", State.DEGRADED),
    INODES_EXHAUSTED("InodesExhausted", State.DEGRADED);

    private final String reason;
    private final State state;

    Cause(String reason, State state) {
      this.reason = reason;
      this.state = state;
    }

    /** One CamelCase word, for programs. */
    public String reason() {
      return reason;
    }

    public State state() {
      return state;
    }
  }

  /**
   * A cause and what to say of it.
   *
   * @param message for people: what was found
   * @param since when it was found first, without a look that did not find it since then
   */
  public record Condition(Cause cause, String message, Instant since) {}

  public boolean healthy() {
    return conditions.isEmpty();
  }
}
