package io.juicebox.node.health;

/**
 * How the filesystems mounted on this node answer, all together: what hits several at once lies in
 * a backend, or on the way to it.
 *
 * @param answering mounts that answered when last asked
 * @param silent mounts that did not answer in time
 */
public record StorageHealth(long answering, long silent) {

  /** Nothing is known to be wrong. */
  public boolean healthy() {
    return silent == 0;
  }

  /** Not one mount answers. */
  public boolean unreachable() {
    return silent > 0 && answering == 0;
  }
}
