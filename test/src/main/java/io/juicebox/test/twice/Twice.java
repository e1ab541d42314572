package io.juicebox.test.twice;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import io.grpc.Status.Code;
import io.juicebox.csi.spec.ControllerExpandVolumeResponse;
import io.juicebox.csi.spec.CreateSnapshotResponse;
import io.juicebox.csi.spec.CreateVolumeResponse;
import io.juicebox.test.table.Outcome;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.stream.IntStream;

/** Makes the calls of a row and holds the answers against it. */
final class Twice {
  private final Scene scene;

  Twice(Scene scene) {
    this.scene = scene;
  }

  /** Two calls, the second after the first. */
  List<Outcome<Message>> inTurn(Row row, Subject subject) {
    var first = Outcome.of(() -> row.rpc().call(subject, row.arguments(), 0));
    var second = Outcome.of(() -> row.rpc().call(subject, row.arguments(), 1));
    assertThat(first.code()).as("the first call: %s", first).isEqualTo(row.first());
    assertThat(second.code()).as("the second call: %s", second).isEqualTo(row.second());
    requireConsistent(row, subject, List.of(first, second));
    return List.of(first, second);
  }

  /** As many calls as {@link Scene#THREADS} that begin together. */
  List<Outcome<Message>> atOnce(Row row, Subject subject) {
    var outcomes = together(row, subject);
    assertThat(outcomes).allSatisfy(outcome -> assertThat(outcome.code()).isIn(row.atOnce()));
    assertThat(outcomes).anyMatch(outcome -> outcome.code() == row.first());
    requireConsistent(row, subject, outcomes);
    return outcomes;
  }

  private static List<Outcome<Message>> together(Row row, Subject subject) {
    var start = new CyclicBarrier(Scene.THREADS);
    var calls =
        IntStream.range(0, Scene.THREADS)
            .<Callable<Outcome<Message>>>mapToObj(index ->
                () -> {
                  start.await();
                  return Outcome.of(() -> row.rpc().call(subject, row.arguments(), index));
                })
            .toList();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      return threads.invokeAll(calls).stream().map(Future::resultNow).toList();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** What the answers say of each other and of the volume. */
  private void requireConsistent(Row row, Subject subject, List<Outcome<Message>> outcomes) {
    switch (row.rpc()) {
      case CREATE, COPY, RESTORE ->
          requireOne(row, outcomes, it -> ((CreateVolumeResponse) it).getVolume().getVolumeId());
      case SNAPSHOT ->
          requireOne(row, outcomes, it -> ((CreateSnapshotResponse) it).getSnapshot().toString());
      case EXPAND -> requireLargest(subject, outcomes);
      case PUBLISH -> requireTargets(row, subject, outcomes);
      case DELETE, GET, VALIDATE, UNPUBLISH, STATS, FORGET, LOOK -> {}
    }
  }

  /**
   * Calls that say different things can't all have made it.
   *
   * @param one what an answer tells of it
   */
  private static void requireOne(
      Row row, List<Outcome<Message>> outcomes, Function<Message, String> one) {
    var made = outcomes.stream().flatMap(outcome -> outcome.answer().stream()).map(one);
    assertThat(made.distinct()).as("what has one name").hasSizeLessThanOrEqualTo(1);
    if (row.arguments() == Arguments.OTHER) {
      assertThat(won(outcomes).stream().map(index -> index % 2).distinct())
          .as("kinds of calls that were answered with OK")
          .hasSizeLessThanOrEqualTo(1);
    }
  }

  /** A volume has the largest of the sizes that it was grown to. */
  private static void requireLargest(Subject subject, List<Outcome<Message>> outcomes) {
    outcomes.stream()
        .flatMap(outcome -> outcome.answer().stream())
        .mapToLong(answer -> ((ControllerExpandVolumeResponse) answer).getCapacityBytes())
        .max()
        .ifPresent(
            largest -> assertThat(subject.get().getVolume().getCapacityBytes()).isEqualTo(largest));
  }

  /** A target for each publication, and read-only where the first of the calls asked for that. */
  private void requireTargets(Row row, Subject subject, List<Outcome<Message>> outcomes) {
    var won = won(outcomes);
    var mounts =
        scene.stack().inventory().of("mount").stream()
            .filter(mount -> mount.contains(" targets/" + subject.name() + "-"))
            .toList();
    var before = row.state() == State.PUBLISHED ? 1 : 0;
    switch (row.arguments()) {
      case SAME -> assertThat(mounts).hasSize(Math.max(before, Math.min(won.size(), 1)));
      case ELSEWHERE -> assertThat(mounts).hasSize(before + won.size());
      case ALONE -> assertThat(mounts).hasSize(1);
      case OTHER -> {
        assertThat(won.stream().map(index -> index % 2).distinct())
            .as("kinds of calls that were answered with OK")
            .hasSize(1);
        var mode = won.getFirst() % 2 == 0 ? "rw" : "ro";
        assertThat(mounts).singleElement().asString().startsWith("mount fuse.juicefs " + mode);
      }
    }
  }

  /** Which calls were answered with OK. */
  private static List<Integer> won(List<Outcome<Message>> outcomes) {
    return IntStream.range(0, outcomes.size())
        .filter(index -> outcomes.get(index).code() == Code.OK)
        .boxed()
        .toList();
  }
}
