package io.juicebox.node.publish;

import io.juicebox.csi.volume.VolumeId;
import io.juicebox.node.claim.Claims;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;

/**
 * Drops what the node remembers of publications that are no more: a CO does not unpublish a target
 * that went away together with its pod, while the node was down. Nothing depends on what is
 * remembered of a target that is not there, so that a file too many costs room and one too few
 * nothing.
 */
public final class StalePublications {
  /** A CO that is about to make a target, or to unpublish, has done so by then. */
  private static final Duration KEPT = Duration.ofHours(1);

  private final Claims claims;
  private final Targets targets;
  private final Publications publications;
  private final Clock clock;

  public StalePublications(Claims claims, Targets targets, Publications publications, Clock clock) {
    this.claims = claims;
    this.targets = targets;
    this.publications = publications;
    this.clock = clock;
  }

  /** Looks at all volumes; those that an operation holds now are left to the next sweep. */
  public void sweep() {
    for (VolumeId volume : publications.volumes()) {
      claims.sweep(volume, "look at the publications", () -> clean(volume));
    }
  }

  private void clean(VolumeId volume) {
    publications.clean(volume, clock.instant().minus(KEPT), target -> isGone(volume, target));
  }

  /** Neither mounted nor there. */
  private boolean isGone(VolumeId volume, Path target) {
    var path = TargetPath.parse("target", target.toString());
    return switch (targets.look(volume, path, Optional.empty(), Optional.empty()).state()) {
      case TargetState.Absent _, TargetState.ParentAbsent _ -> true;
      case TargetState.BehindALink _,
          TargetState.Bound _,
          TargetState.EmptyDirectory _,
          TargetState.FilledDirectory _,
          TargetState.Foreign _,
          TargetState.NotADirectory _,
          TargetState.Stale _ ->
          false;
    };
  }
}
