package io.juicebox.test.twice;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status.Code;
import io.juicebox.csi.spec.Volume;
import io.juicebox.test.client.Requests;
import io.juicebox.test.server.Waiting;
import io.juicebox.test.stack.Inventory;
import io.juicebox.test.stack.LocalStack;
import io.juicebox.test.table.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A stack whose programs can be held and killed, and what a volume that nothing happened to looks
 * like there: the measure for volumes that something did happen to.
 */
final class Scene implements AutoCloseable {
  static final int THREADS = 8;

  /** A claim of a killed controller ends after 5 s; the rest is for a slow machine. */
  static final Duration PATIENCE = Duration.ofSeconds(30);

  private static final Duration POLL = Duration.ofMillis(100);

  /** What is made with the first volume and serves all: the bucket, the node's own directories. */
  private static final Pattern ONCE =
      Pattern.compile("\\+ (bucket \\S+ juicebox|directory node/\\w+)");

  private final LocalStack stack;
  private final AtomicInteger subjects = new AtomicInteger();
  private final Volume another;
  private final Volume nobody;
  private final Inventory empty;

  /** All that exists of a subject in a state. */
  private final Map<State, List<String>> shapes = new EnumMap<>(State.class);

  private Scene(LocalStack stack) {
    this.stack = stack;
    this.another = another(stack);
    this.nobody = nobody(another);
    var first = stack.inventory();
    var ready = shape(State.READY);
    var published = shape(State.PUBLISHED);
    var _ = Waiting.until(() -> onlyOnce(stack.inventory().since(first)), PATIENCE, POLL);
    this.empty = stack.inventory();
    assertThat(empty.since(first))
        .as("what the first volumes left behind")
        .allMatch(thing -> ONCE.matcher(thing).matches());
    assertThat(ready).as("what a ready volume consists of").isNotEmpty();
    assertThat(published).as("what a publication adds").hasSizeGreaterThan(ready.size());
  }

  private static boolean onlyOnce(List<String> things) {
    return things.stream().allMatch(thing -> ONCE.matcher(thing).matches());
  }

  private static Volume another(LocalStack stack) {
    var request = Requests.create("another", Subject.BYTES, Subject.MODE);
    return stack.controller().client().controller().createVolume(request).getVolume();
  }

  static Scene start() {
    var stack = LocalStack.builder().holdable().start();
    try {
      return new Scene(stack);
    } catch (RuntimeException | Error e) {
      stack.close();
      throw e;
    }
  }

  LocalStack stack() {
    return stack;
  }

  Subject subject() {
    return subject(Map.of());
  }

  Subject subject(Map<String, String> parameters) {
    return new Subject(stack, name(), parameters, nobody, another);
  }

  /** Another volume under the name of one. */
  Subject namesake(Subject subject) {
    return new Subject(stack, subject.name(), Map.of(), nobody, another);
  }

  /** Names are of one length, so that none is part of another, and no part of any id. */
  private String name() {
    return "S%04d".formatted(subjects.incrementAndGet());
  }

  /** A volume that a CO might know, and that isn't there. */
  private static Volume nobody(Volume like) {
    var id = like.getVolumeId().replaceFirst("[a-z0-9]{20}$", "0".repeat(20));
    return like.toBuilder()
        .setVolumeId(id)
        .putVolumeContext("lineage", id)
        .putVolumeContext("number", "4000")
        .putVolumeContext("uuid", UUID.randomUUID().toString())
        .build();
  }

  /** Brings a new subject into a state that needs no held call. */
  void bring(Subject subject, State state) {
    if (state != State.ABSENT) {
      var _ = subject.create();
    }
    switch (state) {
      case ABSENT, READY -> {}
      case PUBLISHED -> {
        var _ = subject.publish();
      }
      case KEPT -> {
        var _ = subject.snapshot();
      }
      case OUTLIVED -> {
        var _ = subject.snapshot();
        var _ = subject.delete();
      }
      case COPIED -> {
        var _ = subject.copy(Subject.BYTES);
      }
      case RESTORED -> {
        var _ = subject.snapshot();
        var _ = subject.restore(Subject.BYTES);
      }
      case CREATING, DELETING, KEEPING, FORGETTING, COPYING, RESTORING ->
          throw new IllegalArgumentException("needs a held call: " + state);
    }
  }

  /**
   * Compares all that exists of the subject with what exists of a sample in that state; after a
   * while, as what takes long of a removal is done after its answer.
   */
  void requireState(Subject subject, State state) {
    var wanted = shape(state);
    var _ = Waiting.until(() -> shape(subject).equals(wanted), PATIENCE, POLL);
    assertThat(shape(subject))
        .as("all that exists of volume %s, which should be %s", subject.id(), state)
        .isEqualTo(wanted);
  }

  private synchronized List<String> shape(State state) {
    return shapes.computeIfAbsent(
        state,
        _ -> {
          var sample = subject();
          bring(sample, state);
          var shape = shape(sample);
          remove(sample);
          return shape;
        });
  }

  /** Nothing exists but what existed before the first subject. */
  void requireEmpty() {
    assertThat(stack.leftSince(empty, PATIENCE)).as("what is left of all subjects").isEmpty();
  }

  /**
   * The id of what another call is making, which the CO would know after its next call.
   *
   * @param kind of the inventory's lines
   */
  String idOf(String kind, String name) {
    return stack.inventory().of(kind).stream()
        .map(line -> line.split(" ", -1))
        .filter(words -> words[2].equals(name))
        .map(words -> words[3])
        .findFirst()
        .orElseThrow();
  }

  /** The volume's settings as JuiceFS keeps them. */
  String setting(Subject subject) {
    var number = Integer.parseInt(subject.volume().getVolumeContextOrThrow("number"));
    return stack.backend().redis().cli(number, "GET", "setting");
  }

  /** All that exists of it. */
  List<String> shape(Subject subject) {
    return Shape.of(stack.inventory(), subject.name(), subject.id());
  }

  /** Unpublishes it everywhere and deletes it, its snapshot and what was made of them. */
  void remove(Subject subject) {
    subject.copied().ifPresent(this::remove);
    require(Code.OK, subject::deleteSnapshot);
    targets(subject)
        .filter(Files::exists)
        .forEach(target -> require(Code.OK, () -> subject.unpublish(target)));
    require(Code.OK, subject::delete);
  }

  private static Stream<Path> targets(Subject subject) {
    return Stream.concat(
        Stream.of(subject.target()), IntStream.range(0, THREADS).mapToObj(subject::target));
  }

  /** Calls as a CO does, until the outcome is final. */
  static <T> Outcome<T> require(Code code, Supplier<T> call) {
    var outcome = Outcome.ofRepeated(PATIENCE, call);
    assertThat(outcome.code()).as("the outcome: %s", outcome).isEqualTo(code);
    return outcome;
  }

  @Override
  public void close() {
    stack.close();
  }
}
