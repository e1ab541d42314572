package io.juicebox.node.publish;

import io.juicebox.csi.ops.Steps;
import io.juicebox.csi.status.DriverException;
import io.juicebox.csi.status.DriverException.Late;
import io.juicebox.csi.status.DriverException.PreconditionFailed;
import io.juicebox.csi.volume.VolumeId;
import io.juicebox.node.claim.Claims;
import io.juicebox.node.kernel.BoundedCalls;
import io.juicebox.node.kernel.Deadline;
import io.juicebox.node.kernel.Kernel;
import io.juicebox.node.kernel.KernelException;
import io.juicebox.node.mount.Mount;
import io.juicebox.node.mount.Mounts;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Takes a publication away: the bind mount, the target directory, and the volume's mount when it
 * was the last. It asks no backend; when they are away, it succeeds after some repetitions.
 */
public final class UnpublishVolume {
  private static final Duration PAUSE = Duration.ofMillis(100);

  private final Claims claims;
  private final Kernel kernel;
  private final BoundedCalls calls;
  private final Mounts mounts;
  private final Targets targets;
  private final Publications publications;
  private final UnusedMounts unused;
  private final Duration limit;
  private final Steps steps;

  /**
   * @param limit for a filesystem to answer, and for its last user to let go of it
   */
  public UnpublishVolume(
      Claims claims,
      Kernel kernel,
      BoundedCalls calls,
      Mounts mounts,
      Targets targets,
      Publications publications,
      UnusedMounts unused,
      Duration limit,
      Steps steps) {
    this.claims = claims;
    this.kernel = kernel;
    this.calls = calls;
    this.mounts = mounts;
    this.targets = targets;
    this.publications = publications;
    this.unused = unused;
    this.limit = limit;
    this.steps = steps;
  }

  /**
   * Unpublishes. A volume that is not published at the target is no error.
   *
   * @throws io.juicebox.csi.status.DriverException.BackendUnavailable when the volume's process is
   *     unmounted and has not written everything in time; the next call goes on with that
   * @throws PreconditionFailed when something else is mounted at the target, or when processes use
   *     the publication
   */
  public void unpublish(VolumeId volume, TargetPath target, Deadline deadline) {
    try (var _ = claims.claim(volume.value());
        var _ = claims.claim(target.toString())) {
      Sight sight = targets.look(volume, target, mounts.find(volume), Optional.empty());
      var recorded =
          sight.recorded().isPresent() ? UnpublishPlan.Recorded.YES : UnpublishPlan.Recorded.NO;
      switch (UnpublishPlan.decide(target, sight.state(), recorded)) {
        case UnpublishPlan.Refuse(var why) -> throw why;
        case UnpublishPlan.Take(var plan) ->
            plan.forEach(step -> take(step, volume, target, sight));
      }
      publications.remove(volume, sight.place());
      steps.reached(PublishStep.UNNOTED);
      unused.release(volume, deadline);
      steps.reached(PublishStep.RELEASED);
    }
  }

  private void take(UnpublishPlan.Step step, VolumeId volume, TargetPath target, Sight sight) {
    switch (step) {
      case UNMOUNT -> {
        sight.mount().ifPresent(mount -> unmount(mount, target, sight.place()));
        steps.reached(PublishStep.UNBOUND);
      }
      case DETACH_STALE -> {
        targets.detach(volume, target, sight.place(), Targets::isJuicefs);
        steps.reached(PublishStep.UNBOUND);
      }
      case REMOVE_DIRECTORY -> {
        targets.remove(volume, target, sight.place());
        steps.reached(PublishStep.TARGET_REMOVED);
      }
    }
  }

  /** Takes the volume's bind mounts off a target; there are several if somebody bound it again. */
  private void unmount(Mount mount, TargetPath target, Path place) {
    long end = System.nanoTime() + limit.toNanos();
    while (true) {
      switch (targets.unmount(target, place, mount)) {
        case NOT_THERE -> {
          return;
        }
        case DONE -> {}
        case IN_USE -> letGo(mount, target, place, end);
      }
    }
  }

  private void letGo(Mount mount, TargetPath target, Path place, long end) {
    if (!answers(mount)) {
      // Its users hang in it and can't let go.
      targets.detach(mount.volume(), target, place, top -> top.device().equals(mount.device()));
    } else if (System.nanoTime() - end > 0) {
      throw new PreconditionFailed(
          "processes use files at target_path %s; end them and call again".formatted(target));
    } else {
      pause();
    }
  }

  private boolean answers(Mount mount) {
    try {
      calls.call(mount.volume(), "statfs", limit, () -> kernel.statfs(mount.directory()));
      return true;
    } catch (Late | KernelException e) {
      return false;
    }
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DriverException.Failed("the program is ending");
    }
  }
}
