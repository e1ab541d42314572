package io.juicebox.test.twice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.google.protobuf.Message;
import io.grpc.Status.Code;
import io.juicebox.csi.spec.ControllerExpandVolumeResponse;
import io.juicebox.csi.spec.CreateVolumeResponse;
import io.juicebox.test.stack.Inventory;
import io.juicebox.test.table.Outcome;
import io.juicebox.test.table.Table;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

@Tag("twice")
@DisplayName("A call that is made twice")
final class TwiceTest {
  private static final Table TABLE =
      new Table(
          "Twice: a call that meets a volume in a state, twice in turn and %d times at once"
              .formatted(Scene.THREADS),
          "call",
          "volume",
          "arguments",
          "in turn",
          "at once",
          "then",
          "s");

  private static Scene scene;

  @BeforeAll
  static void start() {
    scene = Scene.start();
  }

  @AfterAll
  static void end() {
    try (var _ = scene) {
      TABLE.print(System.out);
      scene.requireEmpty();
    }
  }

  @Nested
  @DisplayName("on a volume that is left alone")
  class Settled {
    @TestFactory
    Stream<DynamicTest> rows() {
      return Stream.of(State.ABSENT, State.READY, State.PUBLISHED)
          .flatMap(state -> Row.of(state).stream())
          .map(row -> dynamicTest(row.toString(), () -> run(row)));
    }

    private void run(Row row) {
      var start = System.nanoTime();
      var inTurn = onNewSubject(row, subject -> callInTurn(row, subject));
      var atOnce = onNewSubject(row, subject -> callAtOnce(row, subject));
      add(row, inTurn, atOnce, start);
    }

    private List<Outcome<Message>> onNewSubject(Row row, Calls calls) {
      var subject = scene.subject();
      scene.bring(subject, row.state());
      var outcomes = calls.on(subject);
      scene.requireState(subject, row.end());
      scene.remove(subject);
      return outcomes;
    }
  }

  @Nested
  @DisplayName("on a volume that another call is creating")
  class BeingCreated {
    private static Subject subject;
    private static HeldCall held;
    private static Inventory before;

    @BeforeAll
    static void hold() {
      subject = scene.subject();
      held = HeldCall.at(scene.stack().controller(), "create.formatted", subject::create);
      before = scene.stack().inventory();
      subject.found(idOf(subject, before));
    }

    /** The CO would know it after its next call. */
    private static String idOf(Subject subject, Inventory inventory) {
      return inventory.of("name").stream()
          .map(line -> line.split(" ", -1))
          .filter(words -> words[2].equals(subject.name()))
          .map(words -> words[3])
          .findFirst()
          .orElseThrow();
    }

    @TestFactory
    Stream<DynamicTest> rows() {
      return Row.of(State.CREATING).stream()
          .map(row -> dynamicTest(row.toString(), () -> runHeld(row, subject, before)));
    }

    @AfterAll
    static void finish() {
      kill(held);
      var _ = Scene.require(Code.OK, subject::create);
      scene.requireState(subject, State.READY);
      scene.remove(subject);
    }
  }

  @Nested
  @DisplayName("on a volume that another call is deleting")
  class BeingDeleted {
    private static Subject subject;
    private static HeldCall held;
    private static Inventory before;

    @BeforeAll
    static void hold() {
      subject = scene.subject();
      scene.bring(subject, State.READY);
      held = HeldCall.at(scene.stack().controller(), "delete.objects", subject::delete);
      before = scene.stack().inventory();
    }

    @TestFactory
    Stream<DynamicTest> rows() {
      return Row.of(State.DELETING).stream()
          .map(row -> dynamicTest(row.toString(), () -> run(row)));
    }

    private void run(Row row) {
      if (row.rpc() == Rpc.CREATE) {
        var namesake = scene.namesake(subject);
        runHeld(row, namesake, before);
      } else {
        runHeld(row, subject, before);
      }
    }

    @AfterAll
    static void finish() {
      kill(held);
      var _ = Scene.require(Code.OK, subject::delete);
      scene.requireState(subject, State.ABSENT);
    }
  }

  private interface Calls {
    List<Outcome<Message>> on(Subject subject);
  }

  /** Calls on a volume in whose state another call holds it: nothing of it changes. */
  private static void runHeld(Row row, Subject subject, Inventory before) {
    var start = System.nanoTime();
    var inTurn = callInTurn(row, subject);
    var atOnce = callAtOnce(row, subject);
    if (row.end() == State.READY) {
      var _ = Scene.require(Code.OK, subject::get);
      var _ = Scene.require(Code.OK, subject::delete);
    }
    assertThat(scene.stack().inventory().since(before)).as("what the calls changed").isEmpty();
    add(row, inTurn, atOnce, start);
  }

  private static List<Outcome<Message>> callInTurn(Row row, Subject subject) {
    var first = Outcome.of(() -> row.rpc().call(subject, row.arguments(), 0));
    var second = Outcome.of(() -> row.rpc().call(subject, row.arguments(), 1));
    assertThat(first.code()).as("the first call: %s", first).isEqualTo(row.first());
    assertThat(second.code()).as("the second call: %s", second).isEqualTo(row.second());
    requireConsistent(row, subject, List.of(first, second));
    return List.of(first, second);
  }

  private static List<Outcome<Message>> callAtOnce(Row row, Subject subject) {
    var outcomes = atOnce(row, subject);
    assertThat(outcomes).allSatisfy(outcome -> assertThat(outcome.code()).isIn(row.atOnce()));
    assertThat(outcomes).anyMatch(outcome -> outcome.code() == row.first());
    requireConsistent(row, subject, outcomes);
    return outcomes;
  }

  private static List<Outcome<Message>> atOnce(Row row, Subject subject) {
    var together = new CyclicBarrier(Scene.THREADS);
    var calls =
        IntStream.range(0, Scene.THREADS)
            .<Callable<Outcome<Message>>>mapToObj(index ->
                () -> {
                  together.await();
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
  private static void requireConsistent(Row row, Subject subject, List<Outcome<Message>> outcomes) {
    switch (row.rpc()) {
      case CREATE -> requireOneVolume(outcomes);
      case EXPAND -> requireLargest(subject, outcomes);
      case PUBLISH -> requireTargets(row, subject, outcomes);
      case DELETE, GET, VALIDATE, UNPUBLISH, STATS -> {}
    }
  }

  private static void requireOneVolume(List<Outcome<Message>> outcomes) {
    var ids =
        outcomes.stream()
            .flatMap(outcome -> outcome.answer().stream())
            .map(answer -> ((CreateVolumeResponse) answer).getVolume().getVolumeId());
    assertThat(ids.distinct()).as("ids of one name").hasSizeLessThanOrEqualTo(1);
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
  private static void requireTargets(Row row, Subject subject, List<Outcome<Message>> outcomes) {
    var won =
        IntStream.range(0, outcomes.size())
            .filter(index -> outcomes.get(index).code() == Code.OK)
            .boxed()
            .toList();
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

  /** A SIGKILL while the call is under way, and a new start. */
  private static void kill(HeldCall held) {
    var controller = scene.stack().controller();
    held.requireUnderWay();
    controller.program().kill();
    held.requireTorn();
    controller.clearHolds();
    controller.restart();
  }

  private static void add(
      Row row, List<Outcome<Message>> inTurn, List<Outcome<Message>> atOnce, long start) {
    TABLE.add(
        row.rpc(),
        row.state(),
        row.arguments(),
        inTurn.stream().map(outcome -> outcome.code().name()).collect(Collectors.joining(", ")),
        counted(atOnce),
        row.end(),
        (System.nanoTime() - start) / 1e9);
  }

  private static String counted(List<Outcome<Message>> outcomes) {
    var counts = new TreeMap<Code, Integer>();
    outcomes.forEach(outcome -> counts.merge(outcome.code(), 1, Integer::sum));
    return counts.entrySet().stream()
        .map(entry -> entry.getValue() + " " + entry.getKey())
        .collect(Collectors.joining(", "));
  }
}
