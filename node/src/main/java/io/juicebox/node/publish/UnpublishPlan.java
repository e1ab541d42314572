package io.juicebox.node.publish;

import io.juicebox.csi.status.DriverException;
import io.juicebox.csi.status.DriverException.PreconditionFailed;
import io.juicebox.node.publish.TargetState.Absent;
import io.juicebox.node.publish.TargetState.BehindALink;
import io.juicebox.node.publish.TargetState.Bound;
import io.juicebox.node.publish.TargetState.EmptyDirectory;
import io.juicebox.node.publish.TargetState.FilledDirectory;
import io.juicebox.node.publish.TargetState.Foreign;
import io.juicebox.node.publish.TargetState.NotADirectory;
import io.juicebox.node.publish.TargetState.ParentAbsent;
import io.juicebox.node.publish.TargetState.Stale;
import java.util.List;

/**
 * What a NodeUnpublishVolume call has to do at the target path, decided from what is there. Only
 * what a publication of this volume made is taken away.
 */
sealed interface UnpublishPlan {
  /** A step at the target path; all of them may be repeated. */
  enum Step {
    UNMOUNT,
    DETACH_STALE,
    REMOVE_DIRECTORY
  }

  /** Take these steps, in this order; none when nothing of ours is there. */
  record Take(List<Step> steps) implements UnpublishPlan {}

  /** Change nothing and say why. */
  record Refuse(DriverException why) implements UnpublishPlan {}

  /**
   * Decides.
   *
   * @param recorded whether a call published the volume, or began to, at this target
   */
  static UnpublishPlan decide(TargetPath target, TargetState state, Recorded recorded) {
    return switch (state) {
      case Bound _ -> take(Step.UNMOUNT, Step.REMOVE_DIRECTORY);
      case Stale() -> take(Step.DETACH_STALE, Step.REMOVE_DIRECTORY);
      case EmptyDirectory() when recorded == Recorded.YES -> take(Step.REMOVE_DIRECTORY);
      case BehindALink() when recorded == Recorded.YES ->
          new Refuse(
              new PreconditionFailed(
                  "target_path %s is behind a symbolic link now, which is not followed; what is published there stays"
                      .formatted(target)));
      case EmptyDirectory(),
          BehindALink(),
          Absent(),
          ParentAbsent(),
          FilledDirectory(),
          NotADirectory _ ->
          take();
      case Foreign(var type, var source) ->
          new Refuse(
              new PreconditionFailed(
                  "what is mounted at target_path %s is not this volume but %s of type %s; it stays"
                      .formatted(target, source, type)));
    };
  }

  /** Whether the node's files know of a publication. */
  enum Recorded {
    YES,
    NO
  }

  private static UnpublishPlan take(Step... steps) {
    return new Take(List.of(steps));
  }
}
