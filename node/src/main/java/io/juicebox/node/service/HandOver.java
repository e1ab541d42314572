package io.juicebox.node.service;

import io.juicebox.node.kernel.Deadline;
import io.juicebox.node.kernel.Kernel;
import io.juicebox.node.kernel.MountTable;
import io.juicebox.node.mount.Mount;
import io.juicebox.node.mount.MountService;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The end of a service whose juicefs processes would end with it. It serves as long as it may: a
 * node that is drained ends the pods with the volumes at the same time, and they still write. Then
 * the processes leave, and whoever still uses a volume waits for the successor.
 */
final class HandOver {
  private static final Logger LOG = LoggerFactory.getLogger(HandOver.class);
  private static final Duration LOOK = Duration.ofMillis(200);

  /** Of the grace period, kept for the processes to leave; many leave in a second. */
  private static final Duration LEAVING = Duration.ofSeconds(15);

  /** Of the time for leaving, kept for the end of the program itself. */
  private static final Duration ENDING = Duration.ofSeconds(3);

  private final Kernel kernel;
  private final MountService mounts;
  private final Duration gracePeriod;

  HandOver(Kernel kernel, MountService mounts, Duration gracePeriod) {
    this.kernel = kernel;
    this.mounts = mounts;
    this.gracePeriod = gracePeriod;
  }

  /** Blocks until the processes have left, for the grace period at most. */
  void run() {
    Deadline kill = Deadline.after(gracePeriod);
    try {
      while (kill.remaining().compareTo(LEAVING) > 0 && isUsed(kernel.mounts(), mounts.list())) {
        Thread.sleep(LOOK);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Duration left = kill.remaining().minus(ENDING);
    LOG.info("handing over: {} mounts, {} s", mounts.list().size(), Math.max(0, left.toSeconds()));
    mounts.handOver(Deadline.after(left.isNegative() ? Duration.ZERO : left));
  }

  /**
   * Whether something is bound to one of the mounts. It shows here only where the mounts of the CO
   * reach this process's mount namespace.
   */
  static boolean isUsed(MountTable table, List<Mount> mounts) {
    return mounts.stream()
        .anyMatch(mount ->
            table
                .ofDevice(mount.device())
                .anyMatch(known -> !known.mountPoint().equals(mount.directory().toString())));
  }
}
