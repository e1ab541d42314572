package io.juicebox.node.publish;

import io.juicebox.csi.status.DriverException;
import io.juicebox.csi.status.DriverException.Late;
import io.juicebox.csi.status.DriverException.NotFound;
import io.juicebox.csi.volume.VolumeId;
import io.juicebox.node.kernel.BoundedCalls;
import io.juicebox.node.kernel.FilesystemRoom;
import io.juicebox.node.kernel.Kernel;
import io.juicebox.node.kernel.KernelException;
import io.juicebox.node.mount.Mount;
import io.juicebox.node.mount.Mounts;
import java.time.Duration;

/** How full a published volume is. */
public final class VolumeStats {
  private final Kernel kernel;
  private final BoundedCalls calls;
  private final Mounts mounts;
  private final Targets targets;
  private final Duration limit;

  /**
   * @param limit for the filesystem to answer
   */
  public VolumeStats(
      Kernel kernel, BoundedCalls calls, Mounts mounts, Targets targets, Duration limit) {
    this.kernel = kernel;
    this.calls = calls;
    this.mounts = mounts;
    this.targets = targets;
    this.limit = limit;
  }

  /**
   * The room of a volume that is published at a path.
   *
   * @throws NotFound when it is not published there
   * @throws Late when the filesystem does not answer in time
   */
  public FilesystemRoom of(VolumeId volume, TargetPath path) {
    Mount mount = mounts.find(volume).orElseThrow(() -> notPublished(volume, path));
    if (!targets.isBound(volume, path, mount)) {
      throw notPublished(volume, path);
    }
    try {
      return calls.call(volume, "statfs", limit, () -> kernel.statfs(mount.directory()));
    } catch (KernelException e) {
      throw new DriverException.Failed(
          "volume %s does not work on this node: %s; publish it again"
              .formatted(volume, e.getMessage()),
          e);
    }
  }

  private static NotFound notPublished(VolumeId volume, TargetPath path) {
    return new NotFound("volume %s is not published at %s".formatted(volume, path));
  }
}
