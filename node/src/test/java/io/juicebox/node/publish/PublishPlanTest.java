package io.juicebox.node.publish;

import static io.juicebox.csi.volume.AccessMode.MULTI_NODE_MULTI_WRITER;
import static io.juicebox.csi.volume.AccessMode.MULTI_NODE_READER_ONLY;
import static io.juicebox.csi.volume.AccessMode.MULTI_NODE_SINGLE_WRITER;
import static io.juicebox.csi.volume.AccessMode.SINGLE_NODE_MULTI_WRITER;
import static io.juicebox.csi.volume.AccessMode.SINGLE_NODE_READER_ONLY;
import static io.juicebox.csi.volume.AccessMode.SINGLE_NODE_SINGLE_WRITER;
import static io.juicebox.csi.volume.AccessMode.SINGLE_NODE_WRITER;
import static io.juicebox.node.publish.PublishPlan.Step.BIND;
import static io.juicebox.node.publish.PublishPlan.Step.CREATE_DIRECTORY;
import static io.juicebox.node.publish.PublishPlan.Step.DETACH_STALE;
import static io.juicebox.node.publish.PublishPlan.Step.SET_GROUP;
import static io.juicebox.node.publish.Samples.TARGET;
import static io.juicebox.node.publish.Samples.arguments;
import static io.juicebox.node.publish.Samples.readOnly;
import static org.assertj.core.api.Assertions.assertThat;

import io.juicebox.csi.status.DriverException;
import io.juicebox.csi.status.DriverException.AlreadyExists;
import io.juicebox.csi.status.DriverException.PreconditionFailed;
import io.juicebox.csi.volume.AccessMode;
import io.juicebox.csi.volume.MountOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class PublishPlanTest {
  private static final Path OTHER = Path.of("/pods/b/mount");
  private static final TargetState WRITABLE =
      new TargetState.Bound(Set.of("rw", "nosuid", "nodev"));
  private static final TargetState READ_ONLY =
      new TargetState.Bound(Set.of("ro", "nosuid", "nodev"));

  static Stream<org.junit.jupiter.params.provider.Arguments> freshTargets() {
    return Stream.of(
        row(new TargetState.Absent(), List.of(CREATE_DIRECTORY, BIND)),
        row(new TargetState.EmptyDirectory(), List.of(BIND)),
        row(new TargetState.ParentAbsent(), PreconditionFailed.class),
        row(new TargetState.BehindALink(), PreconditionFailed.class),
        row(new TargetState.FilledDirectory(), PreconditionFailed.class),
        row(new TargetState.NotADirectory("a file"), PreconditionFailed.class),
        row(new TargetState.NotADirectory("a symbolic link"), PreconditionFailed.class),
        row(new TargetState.Foreign("tmpfs", "tmpfs"), PreconditionFailed.class));
  }

  @ParameterizedTest
  @MethodSource("freshTargets")
  void firstPublish(TargetState state, Object expected) {
    assertThat(decide(state, Optional.empty(), arguments(SINGLE_NODE_WRITER), Map.of()))
        .isEqualTo(expected);
  }

  static Stream<org.junit.jupiter.params.provider.Arguments> sameTarget() {
    var wanted = arguments(SINGLE_NODE_WRITER);
    return Stream.of(
        // published, same arguments
        row(WRITABLE, Optional.of(wanted), List.of()),
        // somebody has changed the flags
        row(new TargetState.Bound(Set.of("rw")), Optional.of(wanted), List.of(DETACH_STALE, BIND)),
        // killed before the directory, or before the bind; also after a reboot
        row(new TargetState.Absent(), Optional.of(wanted), List.of(CREATE_DIRECTORY, BIND)),
        row(new TargetState.EmptyDirectory(), Optional.of(wanted), List.of(BIND)),
        // the process died
        row(new TargetState.Stale(), Optional.of(wanted), List.of(DETACH_STALE, BIND)),
        // the node's files are lost
        row(WRITABLE, Optional.empty(), List.of()),
        row(READ_ONLY, Optional.empty(), AlreadyExists.class),
        // other arguments
        row(WRITABLE, Optional.of(readOnly(SINGLE_NODE_WRITER)), AlreadyExists.class),
        row(WRITABLE, Optional.of(arguments(SINGLE_NODE_MULTI_WRITER)), AlreadyExists.class),
        row(WRITABLE, Optional.of(arguments(SINGLE_NODE_WRITER, "noexec")), AlreadyExists.class),
        row(
            WRITABLE,
            Optional.of(
                new Arguments(
                    SINGLE_NODE_WRITER,
                    false,
                    MountOptions.none(),
                    Samples.context(3),
                    Optional.empty())),
            AlreadyExists.class),
        row(
            WRITABLE,
            Optional.of(Samples.ofGroup(SINGLE_NODE_WRITER, false, 2000)),
            AlreadyExists.class),
        row(
            new TargetState.Stale(),
            Optional.of(readOnly(SINGLE_NODE_WRITER)),
            AlreadyExists.class),
        // other arguments, but that publication never was
        row(
            new TargetState.EmptyDirectory(),
            Optional.of(readOnly(SINGLE_NODE_WRITER)),
            List.of(BIND)));
  }

  @ParameterizedTest
  @MethodSource
  void sameTarget(TargetState state, Optional<Arguments> recorded, Object expected) {
    assertThat(decide(state, recorded, arguments(SINGLE_NODE_WRITER), Map.of()))
        .isEqualTo(expected);
  }

  static Stream<org.junit.jupiter.params.provider.Arguments> ofGroup() {
    return Stream.of(
        row(new TargetState.Absent(), List.of(CREATE_DIRECTORY, SET_GROUP, BIND)),
        row(new TargetState.EmptyDirectory(), List.of(SET_GROUP, BIND)),
        row(new TargetState.Stale(), List.of(DETACH_STALE, SET_GROUP, BIND)),
        // what is published has its group, or another one that a later publication gave it
        row(WRITABLE, List.of()));
  }

  @ParameterizedTest
  @MethodSource
  void ofGroup(TargetState state, Object expected) {
    var wanted = Samples.ofGroup(SINGLE_NODE_MULTI_WRITER, false, 2000);
    var other = Samples.ofGroup(SINGLE_NODE_MULTI_WRITER, false, 3000);
    assertThat(decide(state, Optional.of(wanted), wanted, Map.of(OTHER, other)))
        .isEqualTo(expected);
  }

  @ParameterizedTest
  @EnumSource(AccessMode.class)
  void readersDoNotChangeTheGroup(AccessMode mode) {
    var target = new TargetState.EmptyDirectory();
    for (boolean readOnly : new boolean[] {false, true}) {
      var wanted = Samples.ofGroup(mode, readOnly, 2000);
      assertThat(decide(target, Optional.empty(), wanted, Map.of()))
          .isEqualTo(readOnly || mode.readOnly() ? List.of(BIND) : List.of(SET_GROUP, BIND));
    }
  }

  @ParameterizedTest
  @EnumSource(AccessMode.class)
  void readersModesAreReadOnly(AccessMode mode) {
    var plan = decide(WRITABLE, Optional.of(arguments(mode)), arguments(mode), Map.of());
    assertThat(plan).isEqualTo(mode.readOnly() ? List.of(DETACH_STALE, BIND) : List.of());
  }

  /** The specification's second table, columns T1 != T2. */
  static Stream<org.junit.jupiter.params.provider.Arguments> otherTarget() {
    return Stream.of(
        row(SINGLE_NODE_WRITER, false),
        row(SINGLE_NODE_READER_ONLY, false),
        row(SINGLE_NODE_SINGLE_WRITER, false),
        row(SINGLE_NODE_MULTI_WRITER, true),
        row(MULTI_NODE_READER_ONLY, true),
        row(MULTI_NODE_SINGLE_WRITER, true),
        row(MULTI_NODE_MULTI_WRITER, true));
  }

  @ParameterizedTest
  @MethodSource("otherTarget")
  void secondTargetWithSameArguments(AccessMode mode, boolean allowed) {
    var plan =
        decide(
            new TargetState.EmptyDirectory(),
            Optional.empty(),
            arguments(mode),
            Map.of(OTHER, arguments(mode)));
    assertThat(plan).isEqualTo(allowed ? List.of(BIND) : PreconditionFailed.class);
  }

  @ParameterizedTest
  @MethodSource("otherTarget")
  void secondTargetWithOtherArguments(AccessMode mode, boolean allowed) {
    var plan =
        decide(
            new TargetState.EmptyDirectory(),
            Optional.empty(),
            arguments(mode),
            Map.of(OTHER, readOnly(mode)));
    assertThat(plan).isEqualTo(allowed ? List.of(BIND) : PreconditionFailed.class);
  }

  @Test
  void exclusivePublicationKeepsOthersOut() {
    var plan =
        decide(
            new TargetState.EmptyDirectory(),
            Optional.empty(),
            arguments(SINGLE_NODE_MULTI_WRITER),
            Map.of(OTHER, arguments(SINGLE_NODE_SINGLE_WRITER)));
    assertThat(plan).isEqualTo(PreconditionFailed.class);
  }

  @Test
  void otherJuicefsOptionsDoNotFitTheMountThatIsThere() {
    var plan =
        decide(
            new TargetState.EmptyDirectory(),
            Optional.empty(),
            arguments(MULTI_NODE_MULTI_WRITER, "max-uploads=4"),
            Map.of(OTHER, arguments(MULTI_NODE_MULTI_WRITER)));
    assertThat(plan).isEqualTo(PreconditionFailed.class);
  }

  @Test
  void retryIsNoOpBesideOthers() {
    var wanted = arguments(MULTI_NODE_MULTI_WRITER);
    assertThat(
            decide(WRITABLE, Optional.of(wanted), wanted, Map.of(OTHER, readOnly(wanted.mode()))))
        .isEqualTo(List.of());
  }

  @Test
  void messageSaysWhatDiffers() {
    var plan =
        PublishPlan.decide(
            TARGET,
            WRITABLE,
            Optional.of(readOnly(SINGLE_NODE_WRITER)),
            arguments(MULTI_NODE_MULTI_WRITER),
            Map.of());
    assertThat(((PublishPlan.Refuse) plan).why())
        .hasMessageContaining("access mode SINGLE_NODE_WRITER, not MULTI_NODE_MULTI_WRITER")
        .hasMessageContaining("readonly true, not false");
  }

  /** The steps, or the class of the refusal. */
  private static Object decide(
      TargetState state,
      Optional<Arguments> recorded,
      Arguments wanted,
      Map<Path, Arguments> others) {
    return switch (PublishPlan.decide(TARGET, state, recorded, wanted, others)) {
      case PublishPlan.Take(var steps) -> steps;
      case PublishPlan.Refuse(DriverException why) -> why.getClass();
    };
  }

  private static org.junit.jupiter.params.provider.Arguments row(Object... values) {
    return org.junit.jupiter.params.provider.Arguments.arguments(values);
  }
}
