package io.juicebox.node.publish;

import com.google.errorprone.annotations.FormatMethod;
import io.juicebox.csi.status.DriverException;
import io.juicebox.csi.status.DriverException.AlreadyExists;
import io.juicebox.csi.status.DriverException.PreconditionFailed;
import io.juicebox.csi.volume.MountOptions.Flag;
import io.juicebox.node.publish.TargetState.Absent;
import io.juicebox.node.publish.TargetState.BehindALink;
import io.juicebox.node.publish.TargetState.Bound;
import io.juicebox.node.publish.TargetState.EmptyDirectory;
import io.juicebox.node.publish.TargetState.FilledDirectory;
import io.juicebox.node.publish.TargetState.Foreign;
import io.juicebox.node.publish.TargetState.NotADirectory;
import io.juicebox.node.publish.TargetState.ParentAbsent;
import io.juicebox.node.publish.TargetState.Stale;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a NodePublishVolume call has to do, decided from what is there. The rules for a second call
 * are the tables of the CSI specification 1.13.0, section NodePublishVolume.
 */
sealed interface PublishPlan {
  /** A step at the target path; all of them may be repeated. */
  enum Step {
    DETACH_STALE,
    CREATE_DIRECTORY,
    /** Before the bind, so that a bound volume has its group; a repetition leaves what is there. */
    SET_GROUP,
    BIND
  }

  /** Take these steps, in this order; none when the volume is published as asked. */
  record Take(List<Step> steps) implements PublishPlan {}

  /** Change nothing and say why. */
  record Refuse(DriverException why) implements PublishPlan {}

  /**
   * Decides.
   *
   * @param target as the CO named it, for messages
   * @param recorded what an earlier call on this target asked for
   * @param others what the volume's other living publications on this node asked for, by target
   */
  static PublishPlan decide(
      TargetPath target,
      TargetState state,
      Optional<Arguments> recorded,
      Arguments wanted,
      Map<Path, Arguments> others) {
    return switch (state) {
      case Bound(var _) when differs(recorded, wanted) ->
          publishedOtherwise(target, recorded, wanted);
      case Stale() when differs(recorded, wanted) -> publishedOtherwise(target, recorded, wanted);
      case Bound(var options)
          when recorded.isEmpty() && options.contains("ro") != wanted.refusesWrites() ->
          new Refuse(
              new AlreadyExists(
                  "the volume is already published at %s, %s; unpublish it first"
                      .formatted(target, options.contains("ro") ? "read-only" : "writable")));
      case Bound(var options) when hasFlags(options, wanted) -> new Take(List.of());
      // Somebody has changed them, or the release before this one has set them where only it saw
      // them. Not over it: that would be over all that are the same mount's peers.
      case Bound _ -> new Take(List.of(Step.DETACH_STALE, Step.BIND));
      case Stale() -> beside(others, wanted, Step.DETACH_STALE, Step.SET_GROUP, Step.BIND);
      case Absent() -> beside(others, wanted, Step.CREATE_DIRECTORY, Step.SET_GROUP, Step.BIND);
      case EmptyDirectory() -> beside(others, wanted, Step.SET_GROUP, Step.BIND);
      case ParentAbsent() ->
          refuse(
              "the parent directory of target_path %s is missing; the CO has to make it", target);
      case BehindALink() ->
          refuse("target_path %s is behind a symbolic link, which is not followed", target);
      case FilledDirectory() ->
          refuse("the directory at target_path %s is not empty; it would be hidden", target);
      case NotADirectory(var kind) -> refuse("target_path %s is %s, no directory", target, kind);
      case Foreign(var type, var source) ->
          refuse(
              "something else is mounted at target_path %s: %s of type %s", target, source, type);
    };
  }

  private static boolean differs(Optional<Arguments> recorded, Arguments wanted) {
    return recorded.isPresent() && !recorded.get().equals(wanted);
  }

  private static PublishPlan publishedOtherwise(
      TargetPath target, Optional<Arguments> recorded, Arguments wanted) {
    return new Refuse(
        new AlreadyExists(
            "the volume is already published at %s with %s; unpublish it first"
                .formatted(
                    target, recorded.map(r -> r.differences(wanted)).orElse("other arguments"))));
  }

  private static PublishPlan beside(Map<Path, Arguments> others, Arguments wanted, Step... steps) {
    for (var other : others.entrySet()) {
      if (wanted.oneTargetOnly() || other.getValue().oneTargetOnly()) {
        return refuse(
            "the volume is published at %s on this node, and access mode %s allows one target only",
            other.getKey(), wanted.oneTargetOnly() ? wanted.mode() : other.getValue().mode());
      }
      if (!other.getValue().fitsSameMount(wanted)) {
        return refuse(
            "the volume is published at %s on this node with %s, and all publications share one mount",
            other.getKey(), other.getValue().differences(wanted));
      }
    }
    return new Take(
        Arrays.stream(steps)
            .filter(step -> step != Step.SET_GROUP || wanted.newGroup().isPresent())
            .toList());
  }

  private static boolean hasFlags(Set<String> options, Arguments wanted) {
    for (Flag flag : Flag.values()) {
      String option = flag.name().toLowerCase(Locale.ROOT);
      if (options.contains(option) != wanted.options().flags().contains(flag)) {
        return false;
      }
    }
    return options.contains("ro") == wanted.refusesWrites();
  }

  @FormatMethod
  private static PublishPlan refuse(String format, Object... arguments) {
    return new Refuse(new PreconditionFailed(format.formatted(arguments)));
  }
}
