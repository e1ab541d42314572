package io.juicebox.node.mount;

import io.juicebox.csi.volume.VolumeId;
import io.juicebox.node.kernel.Kernel;
import io.juicebox.node.kernel.MountTable;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The mounts of this node as the kernel's mount table and the files beside them tell. Touches no
 * mount, and asks nobody: whoever sees the state directory knows them, whether or not the program
 * that made them runs.
 */
public final class KnownMounts {
  private final VolumeDirectories directories;
  private final Kernel kernel;

  /**
   * @param stateDir see {@link MountSettings#stateDir}
   */
  public KnownMounts(Path stateDir, Kernel kernel) {
    this(VolumeDirectories.under(stateDir), kernel);
  }

  KnownMounts(VolumeDirectories directories, Kernel kernel) {
    this.directories = directories;
    this.kernel = kernel;
  }

  /** Where the volume is mounted, when it is. */
  public Path mountPoint(VolumeId volume) {
    return directories.of(volume).mountPoint();
  }

  /** See {@link Mounts#find}. */
  public Optional<Mount> find(VolumeId volume) {
    return find(volume, kernel.mounts());
  }

  /** See {@link Mounts#list}. */
  public List<Mount> list() {
    MountTable table = kernel.mounts();
    return directories.volumes().stream()
        .map(volume -> find(volume, table))
        .flatMap(Optional::stream)
        .toList();
  }

  /** See {@link Mounts#remains}. */
  public List<VolumeId> remains() {
    MountTable table = kernel.mounts();
    return directories.volumes().stream()
        .filter(volume -> Root.mounted(table, mountPoint(volume)).isEmpty())
        .toList();
  }

  private Optional<Mount> find(VolumeId volume, MountTable table) {
    VolumeFiles files = directories.of(volume);
    return Root.mounted(table, files.mountPoint())
        .flatMap(info -> MountRecord.read(files).flatMap(record -> record.mount(files, info)));
  }
}
