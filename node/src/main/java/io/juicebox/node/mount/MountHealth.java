package io.juicebox.node.mount;

import io.juicebox.csi.volume.VolumeId;
import java.time.Instant;

/**
 * How the process of a volume's mount is.
 *
 * @param cause for people: what is wrong and what becomes of it; empty when nothing is
 * @param since when it came into this state
 */
public record MountHealth(VolumeId volume, State state, String cause, Instant since) {

  /** What can be the matter. */
  public enum State {
    /** It answers. */
    SERVING,
    /** It runs and does not answer. */
    HUNG,
    /** It has ended, or is being replaced; programs that use the volume wait. */
    RESTARTING,
    /** It has ended and no successor could be started: programs get errors. */
    FAILED
  }
}
