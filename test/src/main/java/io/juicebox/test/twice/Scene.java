package io.juicebox.test.twice;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status.Code;
import io.juicebox.csi.spec.Volume;
import io.juicebox.test.stack.Inventory;
import io.juicebox.test.stack.LocalStack;
import io.juicebox.test.table.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
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

  /** What is made with the first volume and serves all: the bucket, the node's own directories. */
  private static final Pattern ONCE =
      Pattern.compile("\\+ (bucket \\S+ juicebox|directory node/\\w+)");

  private final LocalStack stack;
  private final AtomicInteger subjects = new AtomicInteger();
  private final Volume nobody;
  private final Inventory empty;
  private final List<String> ready;
  private final List<String> published;

  private Scene(LocalStack stack) {
    this.stack = stack;
    var first = stack.inventory();
    var sample = new Subject(stack, name(), Map.of(), Volume.getDefaultInstance());
    var _ = sample.create();
    this.nobody = nobody(sample.volume());
    this.ready = shape(sample);
    var _ = sample.publish();
    this.published = shape(sample);
    remove(sample);
    this.empty = stack.inventory();
    assertThat(empty.since(first))
        .as("what the first volume of all left behind")
        .allMatch(thing -> ONCE.matcher(thing).matches());
    assertThat(ready).as("what a ready volume consists of").isNotEmpty();
    assertThat(published).as("what a publication adds").hasSizeGreaterThan(ready.size());
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
    return new Subject(stack, name(), parameters, nobody);
  }

  /** Another volume under the name of one. */
  Subject namesake(Subject subject) {
    return new Subject(stack, subject.name(), Map.of(), nobody);
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
    switch (state) {
      case ABSENT -> {}
      case READY -> {
        var _ = subject.create();
      }
      case PUBLISHED -> {
        var _ = subject.create();
        var _ = subject.publish();
      }
      case CREATING, DELETING -> throw new IllegalArgumentException("needs a held call: " + state);
    }
  }

  /** Compares all that exists of the subject with what exists of the sample in that state. */
  void requireState(Subject subject, State state) {
    assertThat(shape(subject))
        .as("all that exists of volume %s, which should be %s", subject.id(), state)
        .isEqualTo(
            switch (state) {
              case ABSENT -> List.of();
              case READY -> ready;
              case PUBLISHED -> published;
              case CREATING, DELETING -> throw new IllegalArgumentException(state.toString());
            });
  }

  /** Nothing exists but what existed before the first subject. */
  void requireEmpty() {
    assertThat(stack.inventory().since(empty)).as("what is left of all subjects").isEmpty();
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

  /** Unpublishes it everywhere and deletes it. */
  void remove(Subject subject) {
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
