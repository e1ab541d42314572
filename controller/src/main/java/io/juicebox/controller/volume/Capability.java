package io.juicebox.controller.volume;

import io.juicebox.csi.status.DriverException.InvalidRequest;
import io.juicebox.csi.status.Printable;
import io.juicebox.csi.volume.AccessMode;
import io.juicebox.csi.volume.MountOptions;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * One way in which a CO wants to use a volume.
 *
 * @param fsType a file system's name, mostly empty
 * @param mountFlags as the CO sent them
 */
public record Capability(AccessMode mode, Access access, String fsType, List<String> mountFlags) {
  private static final String FIELD = "volume_capability";
  private static final Set<String> FILE_SYSTEMS = Set.of("", "juicefs", "fuse.juicefs");

  /** Whether programs see files or a device. */
  public enum Access {
    MOUNT,
    BLOCK
  }

  /**
   * Checks that a volume of ours can be used so.
   *
   * @throws InvalidRequest with what is not offered
   */
  void requireOffered(boolean allowWriteback) {
    requireMount();
    if (!FILE_SYSTEMS.contains(fsType)) {
      throw new InvalidRequest(
          FIELD + ".mount.fs_type",
          "is %s; leave it empty or say juicefs".formatted(Printable.of(fsType)));
    }
    MountOptions.from(mountFlags, allowWriteback);
  }

  /**
   * Checks that files are wanted, not a device.
   *
   * @throws InvalidRequest naming block
   */
  public void requireMount() {
    if (access == Access.BLOCK) {
      throw new InvalidRequest(
          FIELD + ".block", "is not offered: a volume is a file system, use volumeMode Filesystem");
    }
  }

  /** A text that is the same for the same use, whatever the order of its flags. */
  String canonical() {
    return "%s %s %s %s".formatted(mode, access, fsType, new TreeSet<>(mountFlags));
  }
}
