package io.juicebox.test.fork;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.google.protobuf.Message;
import io.grpc.Status.Code;
import io.juicebox.csi.spec.Snapshot;
import io.juicebox.test.client.Requests;
import io.juicebox.test.stack.Rounds;
import io.juicebox.test.table.Outcome;
import io.juicebox.test.table.Table;
import io.juicebox.test.twice.HeldCall;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Copies that meet deletions, other copies and the end of a server. */
@Tag("fork")
@DisplayName("fork: copies and what comes between")
final class CopyFaultsTest {
  private static final Table TABLE =
      new Table(
          "a server is killed in the middle of a copy",
          "call",
          "server",
          "killed after",
          "code",
          "message",
          "then");

  private static CopyScene scene;

  @BeforeAll
  static void start() {
    scene = CopyScene.start();
  }

  @AfterAll
  static void nothingIsLost() {
    try (var _ = scene) {
      TABLE.print(System.out);
      scene.requireContents();
    }
  }

  @AfterEach
  void nothingIsLeft() {
    scene.requireRest();
  }

  @Test
  @DisplayName("two restores, a clone and a snapshot at once are four copies")
  void allAtOnce() throws InterruptedException, ExecutionException {
    var answers = new ArrayList<Future<Message>>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (var copy : List.of(Copy.RESTORE, Copy.RESTORE, Copy.CLONE, Copy.SNAPSHOT)) {
        var name = "at-once-" + answers.size();
        answers.add(threads.submit(() -> CopyScene.settled(() -> scene.make(copy, name))));
      }
    }
    for (var answer : answers) {
      scene.checkAndDelete(answer.get());
    }
  }

  @TestFactory
  @DisplayName("a volume that is being deleted is not copied")
  Stream<DynamicTest> ofADeletedVolume() {
    return Stream.of(Copy.SNAPSHOT, Copy.CLONE)
        .map(copy ->
            dynamicTest(
                copy.toString(),
                () -> {
                  var victim = scene.victim();
                  var deletion = heldDeletion(victim, "delete.buried");
                  var outcome =
                      Outcome.of(
                          () -> scene.make(copy, victim.volume(), scene.snapshot(), "too-late"));
                  assertThat(outcome.code()).as("%s", outcome).isEqualTo(Code.NOT_FOUND);
                  assertThat(outcome.message()).contains(victim.volume().volume().getVolumeId());
                  assertThat(deletion.goOn().code()).isEqualTo(Code.OK);
                  scene.requireRest();
                }));
  }

  private static HeldCall heldDeletion(Member victim, String step) {
    var delete = Requests.delete(victim.volume().volume());
    return HeldCall.at(
        scene.stack().controller(), step, () -> scene.controller().deleteVolume(delete));
  }

  @TestFactory
  @DisplayName("what a copy is being made of is not deleted before")
  Stream<DynamicTest> deletedMeanwhile() {
    return Stream.of(Copy.values())
        .flatMap(copy ->
            copy.steps().stream()
                .map(step -> dynamicTest(copy + ", at " + step, () -> deleteSourceAt(copy, step))));
  }

  private static void deleteSourceAt(Copy copy, String step) {
    var victim = scene.victim();
    var snapshot = victim.volume().snapshot(victim.toString());
    var held =
        HeldCall.at(
            scene.stack().controller(),
            step,
            () -> scene.make(copy, victim.volume(), snapshot, "copy-of-" + victim));
    var deletion = Outcome.of(() -> delete(copy, victim, snapshot));
    assertThat(deletion.code()).as("%s", deletion).isEqualTo(Code.ABORTED);
    var made = held.goOn().get();
    // Nothing of the source is needed any more.
    var _ = CopyScene.settled(() -> delete(copy, victim, snapshot));
    scene.checkAndDelete(made);
    var _ = CopyScene.settled(() -> delete(Copy.RESTORE, victim, snapshot));
    var _ = CopyScene.settled(() -> delete(Copy.CLONE, victim, snapshot));
    scene.requireRest();
  }

  /** Deletes what a copy is made of. */
  private static Message delete(Copy copy, Member victim, Snapshot snapshot) {
    return switch (copy) {
      case SNAPSHOT, CLONE ->
          scene.controller().deleteVolume(Requests.delete(victim.volume().volume()));
      case RESTORE -> scene.controller().deleteSnapshot(Requests.delete(snapshot));
    };
  }

  @TestFactory
  @DisplayName("the volume of a snapshot goes while that is restored")
  Stream<DynamicTest> volumeOfASnapshot() {
    return Copy.RESTORE.steps().stream()
        .map(step -> dynamicTest("at " + step, () -> deleteVolumeOfSnapshotAt(step)));
  }

  private static void deleteVolumeOfSnapshotAt(String step) {
    var victim = scene.victim();
    victim.fill(); // blocks that soon only the copy names
    var kept = victim.snapshot(victim.toString());
    var held =
        HeldCall.at(
            scene.stack().controller(),
            step,
            () -> scene.make(Copy.RESTORE, victim.volume(), kept.snapshot(), "copy-of-" + victim));
    var deletion = Outcome.of(() -> delete(Copy.CLONE, victim, kept.snapshot()));
    assertThat(deletion.code()).as("%s", deletion).isEqualTo(Code.OK);
    var made = held.goOn().get();
    scene.delete(kept.snapshot());
    scene.checkAndDelete(made, kept);
  }

  @TestFactory
  @DisplayName("a copy that nobody calls for again lets its source go")
  Stream<DynamicTest> abandoned() {
    return Stream.of(Copy.values()).map(copy -> dynamicTest(copy.toString(), () -> abandon(copy)));
  }

  private static void abandon(Copy copy) {
    var victim = scene.victim();
    var snapshot = victim.volume().snapshot(victim.toString());
    var controller = scene.stack().controller();
    var step = copy.steps().get(1);
    var name = "given-up-" + victim;
    var held =
        HeldCall.at(controller, step, () -> scene.make(copy, victim.volume(), snapshot, name));
    held.requireUnderWay();
    controller.program().kill();
    held.requireTorn();
    controller.clearHolds();
    controller.restart();

    // It may have been undone already, as a slow machine takes long to start a controller.
    var first = Outcome.of(() -> delete(copy, victim, snapshot));
    assertThat(first.code()).as("%s", first).isIn(Code.ABORTED, Code.OK);
    var _ = CopyScene.settled(() -> delete(copy, victim, snapshot));
    var late = Outcome.of(() -> scene.make(copy, victim.volume(), snapshot, name));
    assertThat(late.code()).as("%s", late).isEqualTo(Code.NOT_FOUND);
    var _ = CopyScene.settled(() -> delete(Copy.RESTORE, victim, snapshot));
    var _ = CopyScene.settled(() -> delete(Copy.CLONE, victim, snapshot));
    scene.requireRest();
  }

  @TestFactory
  @DisplayName("a server that is killed in the middle: a clear code, and the next call goes on")
  Stream<DynamicTest> servers() {
    var kills = Rounds.of(0, 1) == 1 ? ServerKill.all() : ServerKill.some();
    return kills.stream().map(kill -> dynamicTest(kill.toString(), () -> run(kill)));
  }

  private static void run(ServerKill kill) {
    var name = "torn-" + kill.step().replace('.', '-');
    var held =
        HeldCall.at(scene.stack().controller(), kill.step(), () -> scene.make(kill.copy(), name));
    var server = kill.server().of(scene.stack().backend());
    server.kill();
    Outcome<Message> outcome;
    try {
      outcome = held.goOn();
    } finally {
      server.restart();
    }
    TABLE.add(
        kill.copy(),
        kill.server(),
        kill.step(),
        outcome.code(),
        outcome.message().lines().findFirst().orElse(""),
        kill.then());
    assertThat(outcome.code()).as("%s", outcome).isIn(kill.codes());
    if (outcome.code() != Code.OK) {
      assertThat(outcome.message()).contains(kill.server().toString());
    }
    if (outcome.code() == Code.OK || kill.then() == ServerKill.Then.CALLED_AGAIN) {
      scene.checkAndDelete(CopyScene.settled(() -> scene.make(kill.copy(), name)));
    }
    scene.requireRest();
  }

  @TestFactory
  @DisplayName("a volume that is read bit by bit")
  Stream<DynamicNode> ofALargeVolume() {
    var large = LargeVolume.create(scene);
    return Stream.of(
        dynamicContainer(
            "a feed of changes that is cut: a clear code, and the next call makes the copy",
            Stream.of(Copy.SNAPSHOT, Copy.CLONE)
                .map(copy -> dynamicTest(copy.toString(), () -> cutFeed(large, copy)))),
        dynamicContainer(
            "a program that is killed at any moment: a clear code, and the next call goes on",
            new SuddenEnds(scene, large).tests()),
        dynamicTest(
            "it is whole, and so is its snapshot",
            () -> {
              try (large) {
                large.end();
              }
            }));
  }

  private static void cutFeed(LargeVolume large, Copy copy) {
    var source = large.fork("cut");
    var cut = large.cutFeed(copy, source);
    assertThat(cut.code()).as("%s", cut).isEqualTo(Code.UNAVAILABLE);
    assertThat(cut.message()).contains("Redis at ");

    var made = CopyScene.settled(() -> scene.make(copy, source, scene.snapshot(), "after"));
    scene.delete(source.volume()); // once what was cut off is undone
    large.checkAndDelete(made);
    large.requireRest();
  }
}
