package io.juicebox.test.posix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.juicebox.test.server.Command;
import io.juicebox.test.server.TestDirectory;
import io.juicebox.test.server.Tools;
import io.juicebox.test.stack.Inventory;
import io.juicebox.test.stack.LocalStack;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestMethodOrder;

@Tag("posix")
@DisplayName("A published volume")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class PosixTest {
  private static final long GIB = 1L << 30;

  /** Not a power of two: df has to show these very bytes. */
  private static final long SMALL = 60L << 20;

  private static final Duration PJDFSTEST = Duration.ofMinutes(8);

  /** A mount learns of its new capacity at its next heartbeat, 12 s at most. */
  private static final Duration HEARTBEAT = Duration.ofSeconds(60);

  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration DELETE = Duration.ofMinutes(1);
  private static final String TARGET = "v";

  /** 13 cases want to remount the filesystem read-only, one a limit that Linux does not tell. */
  private static final Pattern REASONS_TO_SKIP =
      Pattern.compile("Remounts \\(allow_remount\\) are not allowed.*|.*LINK_MAX.*");

  private static final Pattern REFUSED = Pattern.compile("(?m)^object\\n(.*)$");

  private static LocalStack stack;
  private static Inventory before;
  private static PublishedVolume volume;
  private static Command pjdfstest;

  /** Its path is short, and every user may walk it. */
  private static TestDirectory open;

  @BeforeAll
  static void publish() throws IOException {
    stack = LocalStack.builder().mountService().start();
    before = stack.inventory();
    volume = PublishedVolume.create(stack, "posix", 4 * GIB);
    // pjdfstest mostly sleeps between two changes of a time, so it may run beside the others.
    open = TestDirectory.create("p");
    pjdfstest = startPjdfstest();
  }

  @AfterAll
  static void nothingIsLeft() {
    try (var _ = stack;
        var _ = open;
        var _ = pjdfstest) {
      pjdfstest.close();
      volume.unpublishAt(open.path().resolve(TARGET));
      volume.close();
      assertThat(stack.leftSince(before, DELETE))
          .allMatch(
              thing -> thing.startsWith("+ directory node/"), "a directory of the node's own");
    }
  }

  @TestFactory
  @Order(1)
  @DisplayName("does for applications")
  Stream<DynamicTest> cases() {
    return Stream.of(
            "replace", "science", "databases", "repository", "locks", "mapping", "append", "names")
        .map(Script::new)
        .flatMap(PosixTest::casesOf);
  }

  private static Stream<DynamicTest> casesOf(Script script) {
    return script.cases().stream()
        .map(name -> dynamicTest(spoken(script, name), () -> script.run(name, volume.directory())));
  }

  @TestFactory
  @Order(1)
  @DisplayName("keeps to its capacity")
  Stream<DynamicTest> capacity() {
    var script = new Script("capacity");
    return script.cases().stream()
        .map(name -> dynamicTest(spoken(script, name), () -> runInSmallVolume(script, name)));
  }

  private static void runInSmallVolume(Script script, String name) {
    try (var small = PublishedVolume.create(stack, name.replace('_', '-'), SMALL)) {
      script.run(name, small.directory());
    }
  }

  @Test
  @Order(1)
  @DisplayName("shows its capacity to the byte")
  void dfShowsTheCapacity() throws IOException {
    try (var small = PublishedVolume.create(stack, "df", SMALL)) {
      assertThat(Files.getFileStore(small.directory()).getTotalSpace()).isEqualTo(SMALL);
      assertThat(small.directory()).isEmptyDirectory();
    }
  }

  @Test
  @Order(1)
  @DisplayName("grows while it is in use")
  void dfShowsTheCapacityThatItGrewTo() throws IOException {
    try (var small = PublishedVolume.create(stack, "grow", SMALL)) {
      var store = Files.getFileStore(small.directory());
      assertThat(store.getTotalSpace()).isEqualTo(SMALL);
      small.expand(3 * SMALL);
      await()
          .atMost(HEARTBEAT)
          .pollInterval(POLL)
          .untilAsserted(() -> assertThat(store.getTotalSpace()).isEqualTo(3 * SMALL));
    }
  }

  @Test
  @Order(Integer.MAX_VALUE - 1) // it runs beside all others and is asked when they are done
  @DisplayName("passes pjdfstest: 0 failed of 398")
  void passesPjdfstest() {
    var output = plain(pjdfstest.await(PJDFSTEST));
    assertThat(output).contains("Summary: 0 failed").contains(" 0 expected failures, 398 total");
    assertThat(reasonsToSkip(output))
        .hasSizeLessThanOrEqualTo(14)
        .allMatch(reason -> REASONS_TO_SKIP.matcher(reason).matches());
  }

  @Test
  @Order(Integer.MAX_VALUE) // it is about all the others
  @DisplayName("needs nothing of Redis that its own user may not do")
  void isNeverRefused() {
    var redis = stack.backend().redis();
    assertThat(redis.cli(0, "ACL", "USERS").lines().count()).isGreaterThan(1);
    // Each mount tries to load two scripts, and does without them.
    assertThat(REFUSED.matcher(redis.cli(0, "ACL", "LOG", "1000")).results())
        .extracting(refusal -> refusal.group(1))
        .containsOnly("script|load");
  }

  /** Its users have to reach the volume, and its sockets need a short path. */
  private static Command startPjdfstest() throws IOException {
    Files.setPosixFilePermissions(open.path(), PosixFilePermissions.fromString("rwxr-xr-x"));
    volume.publishAt(open.path().resolve(TARGET));
    var elsewhere = Files.createDirectory(open.path().resolve("other"));
    return Command.start(
        List.of(
            Tools.program("pjdfstest").toString(),
            "-c",
            Tools.repository().orElseThrow().resolve("test/posix/pjdfstest.toml").toString(),
            "-s",
            elsewhere.toString(),
            "-p",
            open.path().resolve(TARGET).toString()));
  }

  /** Each line below that of a skipped case. */
  private static List<String> reasonsToSkip(String output) {
    var lines = output.lines().toList();
    return Stream.iterate(0, i -> i + 1)
        .limit(lines.size())
        .filter(i -> lines.get(i).endsWith(" skipped"))
        .map(i -> lines.get(i + 1).strip())
        .toList();
  }

  private static String plain(String output) {
    return output.replaceAll("\u001b\\[[0-9;]*m", "");
  }

  private static String spoken(Script script, String name) {
    return script.name() + ": " + name.replace('_', ' ');
  }
}
