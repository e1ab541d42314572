package io.juicebox.test.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.juicebox.test.server.Command;
import io.juicebox.test.server.Waiting;
import io.juicebox.test.stack.LocalStack;
import io.juicebox.test.stack.Rounds;
import io.minio.ListObjectsArgs;
import io.minio.MinioClient;
import io.minio.errors.ErrorResponseException;
import io.minio.errors.MinioException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Volumes get other keys while programs use them, and what they had before is worth nothing. */
@Tag("isolation")
@DisplayName("isolation: keys are rotated")
@Timeout(900)
final class RotationTest {
  @RegisterExtension static final FaultTable TABLE = new FaultTable();

  private static final int VOLUMES = Rounds.of(5, 20);
  private static final List<String> KINDS = List.of("writer", "sqlite", "locker-1", "looker");
  private static final double PACE = 0.1;
  private static final Duration BOUND = Duration.ofSeconds(1);

  /** How long former keys work at least; ten minutes by default. */
  private static final Duration OVERLAP = Duration.ofSeconds(10);

  /** An account takes a second, and twenty loads have the processors. */
  private static final Duration COMMAND = Duration.ofMinutes(3);

  /** A look of the controller each 15 s, and some. */
  private static final Duration GONE = OVERLAP.plusSeconds(180);

  /** Until a mount whose keys were cut off works again, from the end of the command on. */
  private static final Duration CUT_OFF = Duration.ofSeconds(5);

  private static final Duration PROBE = Duration.ofSeconds(5);
  private static final Duration POLL = Duration.ofMillis(200);

  /** Of all keys: each has threads and connections of its own. */
  private static final OkHttpClient HTTP = new OkHttpClient();

  private static LocalStack stack;

  @BeforeAll
  static void start() {
    stack =
        LocalStack.builder()
            .mountService()
            .holdable()
            .controller("ROTATION_OVERLAP", OVERLAP.toSeconds() + "s")
            .start();
  }

  @AfterAll
  static void stop() {
    stack.close();
    HTTP.dispatcher().executorService().shutdown();
    HTTP.connectionPool().evictAll();
  }

  @Test
  void manyLoadedMounts() throws IOException {
    var before = stack.inventory();
    var row = new Row(VOLUMES + " loaded volumes get other keys", BOUND);
    var volumes = new ArrayList<LoadedVolume>();
    var loads = new ArrayList<Load>();
    try (Closeable _ = () -> volumes.forEach(LoadedVolume::close);
        Closeable _ = () -> loads.forEach(Load::close)) {
      for (int i = 1; i <= VOLUMES; i++) {
        var volume = published("loaded-" + i);
        volumes.add(volume);
        loads.add(volume.load(volume.target(), PACE, KINDS));
      }
      loads.forEach(Load::awaitReady);
      var former = volumes.stream().map(RotationTest::keys).toList();

      long begun = System.nanoTime();
      String said = rotate("--all");
      row.note("made in %d s".formatted(seconds(begun)));
      assertThat(said.lines()).hasSize(VOLUMES).allMatch(line -> line.contains("has new keys"));
      former.forEach(RotationTest::assertWork);

      long made = System.nanoTime();
      volumes.forEach(LoadedVolume::publish); // as the kubelet repeats it
      row.note("delivered in %d s".formatted(seconds(made)));
      former.forEach(RotationTest::awaitDead);
      row.note("former ones dead after %d s".formatted(seconds(made)));
      volumes.forEach(volume -> assertWork(keys(volume)));

      for (var load : loads) {
        row.pause(load.seen().between(begun, Long.MAX_VALUE).longestPause());
        var seen = load.stop();
        row.errors(seen);
        Contract.nothing(seen).forEach(row::mistake);
      }
    }
    assertThat(stack.leftSince(before, GONE)).isEmpty();
    row.finish(TABLE);
  }

  @Test
  void oneThatIsNotMountedGetsThemWithItsNextMount() throws IOException {
    try (var volume = published("unpublished")) {
      Files.writeString(volume.target().resolve("file"), "content");
      volume.unpublish();
      var former = keys(volume);

      assertThat(rotate("--cut-off", volume.id())).contains("has its present keys alone");

      assertThat(isDead(former)).isTrue();
      volume.publish();
      assertThat(volume.target().resolve("file")).hasContent("content");
    }
  }

  /** Stolen keys: whoever has them is cut off, the programs that use the volume as well. */
  @Test
  void oneThatIsInUseIsCutOff() {
    var row = new Row("the keys of a loaded volume cut off", CUT_OFF);
    try (var volume = published("cut-off");
        var load = volume.load(volume.target(), PACE, KINDS)) {
      var former = keys(volume);
      load.awaitReady();
      assertThat(rotate("--cut-off", volume.id())).contains("has its present keys alone");
      long cut = System.nanoTime();
      assertThat(isDead(former)).isTrue();
      awaitWritable(volume);
      row.pause(Duration.ofNanos(System.nanoTime() - cut));
      var seen = load.stop();
      row.errors(seen);
      seen.wrong().forEach(row::mistake);
    }
    row.finish(TABLE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"rotate.noted", "rotate.account", "rotate.user", "rotate.kept"})
  void oneThatIsKilledIsFinishedOrTakenBack(String step) throws IOException {
    boolean known = step.equals("rotate.kept");
    killedAt(step, known, "rotate");
  }

  /** The new keys are kept by then, and the former are to end at once, whoever uses them. */
  @ParameterizedTest
  @ValueSource(strings = {"retire.noted", "retire.user", "retire.account"})
  void oneThatIsKilledWhileItCutsOffIsFinished(String step) throws IOException {
    killedAt(step, true, "rotate", "--cut-off");
  }

  /**
   * @param changed whether nodes get new keys already
   * @param command without the volume
   */
  private static void killedAt(String step, boolean changed, String... command) throws IOException {
    var before = stack.inventory();
    try (var volume = published("killed-at-" + step.replace('.', '-'))) {
      Files.writeString(volume.target().resolve("file"), "content");
      var former = keys(volume);
      kill(step, Stream.concat(Stream.of(command), Stream.of(volume.id())));
      assertThat(keys(volume).equals(former)).isEqualTo(!changed);

      volume.publish();
      assertWork(keys(volume));
      assertThat(volume.target().resolve("file")).hasContent("content");
      var present = key(keys(volume), "redis-user");
      assertThat(Waiting.until(() -> hasAlone(volume, present), GONE, POLL))
          .as("%s is left alone of %s", present, users(volume))
          .isTrue();
      if (changed) {
        assertThat(isDead(former)).isTrue();
      }
      assertWork(keys(volume));
    }
    assertThat(stack.leftSince(before, GONE)).isEmpty();
  }

  /** Kills a subcommand of the controller at a step. */
  private static void kill(String step, Stream<String> words) {
    stack.controller().hold(step);
    var command = stack.controller().subcommand(words.toArray(String[]::new));
    try (var killed = Command.start(command)) {
      assertThat(stack.controller().awaitHeld(step, COMMAND)).isTrue();
      assertThat(killed.isRunning()).isTrue();
    } finally {
      stack.controller().clearHolds();
    }
  }

  /**
   * Publishes it as the kubelet does, again and again, until a record can be written with fsync.
   */
  private static void awaitWritable(LoadedVolume volume) {
    var probe = volume.target().resolve("probe").toString();
    long end = System.nanoTime() + CUT_OFF.multipliedBy(Row.LENIENCE).toNanos();
    while (System.nanoTime() - end < 0) {
      publishIfPossible(volume);
      try (var write =
          Command.start(
              List.of("dd", "if=/dev/zero", "of=" + probe, "bs=4096", "count=1", "conv=fsync"))) {
        if (Waiting.until(() -> !write.isRunning(), PROBE, POLL) && write.endedWell()) {
          return;
        }
      }
    }
    throw new AssertionError("the volume is not writable");
  }

  private static void publishIfPossible(LoadedVolume volume) {
    try {
      volume.publish();
    } catch (StatusRuntimeException e) {
      assertThat(e.getStatus().getCode())
          .isIn(Code.ABORTED, Code.UNAVAILABLE, Code.DEADLINE_EXCEEDED);
    }
  }

  /** Whether the rotation is over, one way or the other. */
  private static boolean hasAlone(LoadedVolume volume, String user) {
    var left =
        stack.backend().redis().cli(1, "HMGET", "volume:" + volume.id(), "nextPassword", "rotated");
    return left.isBlank() && users(volume).equals(Set.of(user));
  }

  private static Set<String> users(LoadedVolume volume) {
    return stack
        .backend()
        .redis()
        .cli(0, "ACL", "USERS")
        .lines()
        .filter(user -> user.startsWith(volume.id()))
        .collect(Collectors.toSet());
  }

  @Test
  void whatCanNotBeDoneIsSaid() {
    assertThatThrownBy(() -> rotate("nobody"))
        .hasMessageContaining("ended with 1")
        .hasMessageContaining("nobody failed: ");
    assertThatThrownBy(() -> rotate())
        .hasMessageContaining("ended with 2")
        .hasMessageContaining("VOLUME");
  }

  private static LoadedVolume published(String name) {
    return LoadedVolume.published(stack, name);
  }

  private static String rotate(String... arguments) {
    var words = Stream.concat(Stream.of("rotate"), Stream.of(arguments)).toArray(String[]::new);
    return Command.run(COMMAND, stack.controller().subcommand(words));
  }

  /** What nodes get of a volume. */
  private static Map<String, String> keys(LoadedVolume volume) {
    return stack.keys(volume.id());
  }

  private static void awaitDead(Map<String, String> keys) {
    assertThat(Waiting.until(() -> isDead(keys), GONE, POLL))
        .as("%s is dead %s after the new keys were delivered", keys.get("redis-user"), GONE)
        .isTrue();
  }

  private static void assertWork(Map<String, String> keys) {
    assertThat(redisAnswers(keys)).isEqualTo("PONG");
    assertThat(storeAnswers(keys)).isEqualTo("AccessDenied"); // it knows it, which may not list
  }

  private static boolean isDead(Map<String, String> keys) {
    return redisAnswers(keys).contains("WRONGPASS")
        && storeAnswers(keys).equals("InvalidAccessKeyId");
  }

  private static String redisAnswers(Map<String, String> keys) {
    return stack
        .backend()
        .redis()
        .as(key(keys, "redis-user"), key(keys, "redis-password"), 0, List.of("PING"));
  }

  /** The code of its refusal to list a bucket. */
  private static String storeAnswers(Map<String, String> keys) {
    MinioClient client =
        MinioClient.builder()
            .endpoint(key(keys, "object-endpoint"))
            .region("us-east-1")
            .credentials(key(keys, "object-access-key"), key(keys, "object-secret-key"))
            .httpClient(HTTP)
            .build();
    var list = ListObjectsArgs.builder().bucket(stack.backend().bucket()).build();
    try {
      return "found " + client.listObjects(list).iterator().next().get().objectName();
    } catch (ErrorResponseException e) {
      return e.errorResponse().code();
    } catch (MinioException | GeneralSecurityException | IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String key(Map<String, String> keys, String name) {
    return Objects.requireNonNull(keys.get(name), name);
  }

  private static long seconds(long since) {
    return (System.nanoTime() - since) / 1_000_000_000;
  }
}
