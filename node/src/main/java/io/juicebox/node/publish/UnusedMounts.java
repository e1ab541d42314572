package io.juicebox.node.publish;

import io.juicebox.csi.volume.VolumeId;
import io.juicebox.node.claim.Claims;
import io.juicebox.node.kernel.Deadline;
import io.juicebox.node.kernel.Kernel;
import io.juicebox.node.kernel.MountInfo;
import io.juicebox.node.kernel.MountTable;
import io.juicebox.node.mount.Mount;
import io.juicebox.node.mount.Mounts;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Releases mounts that no publication is bound to: after the last unpublish, and after a crash. */
public final class UnusedMounts {
  private static final Logger LOG = LoggerFactory.getLogger(UnusedMounts.class);
  private static final String RELEASE = "release the mount";

  private final Claims claims;
  private final Kernel kernel;
  private final Mounts mounts;
  private final Duration limit;

  /**
   * @param limit for a mount to write everything and end; what takes longer goes on after the call
   */
  public UnusedMounts(Claims claims, Kernel kernel, Mounts mounts, Duration limit) {
    this.claims = claims;
    this.kernel = kernel;
    this.mounts = mounts;
    this.limit = limit;
  }

  /**
   * Looks at all mounts, and at what releases that did not end have left; those that an operation
   * holds now are its own business.
   */
  public void sweep() {
    for (Mount mount : mounts.list()) {
      claims.sweep(
          mount.volume(),
          RELEASE,
          () -> {
            if (!isUsed(mount)) {
              LOG.info("volume {} is mounted and published nowhere: releasing it", mount.volume());
              release(mount.volume());
            }
          });
    }
    for (VolumeId volume : mounts.remains()) {
      claims.sweep(volume, RELEASE, () -> release(volume));
    }
  }

  /** How many targets the volumes of this node are published at. */
  public long publications() {
    return publicationsByMount().values().stream().mapToLong(count -> count).sum();
  }

  /** At how many targets each mounted volume is published; a subPath of one is none. */
  public Map<Mount, Long> publicationsByMount() {
    MountTable table = kernel.mounts();
    return mounts.list().stream()
        .collect(
            Collectors.toMap(
                mount -> mount,
                mount -> bound(table, mount).filter(known -> known.root().equals("/")).count()));
  }

  /** Releases a volume's mount unless something is bound to it; the caller has the claim. */
  void release(VolumeId volume) {
    release(volume, Deadline.after(limit));
  }

  /** As {@link #release(VolumeId)}, within the time that a call has. */
  void release(VolumeId volume, Deadline deadline) {
    if (mounts.find(volume).filter(this::isUsed).isEmpty()) {
      mounts.release(volume, Deadline.after(deadline.remaining(limit)));
    }
  }

  private boolean isUsed(Mount mount) {
    return bound(kernel.mounts(), mount).findAny().isPresent();
  }

  private static Stream<MountInfo> bound(MountTable table, Mount mount) {
    return table
        .ofDevice(mount.device())
        .filter(known -> !known.mountPoint().equals(mount.directory().toString()));
  }
}
