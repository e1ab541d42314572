package io.juicebox.test.isolation;

import static org.assertj.core.api.Assertions.assertThat;

import io.juicebox.test.server.Command;
import io.juicebox.test.server.Tools;
import io.juicebox.test.server.Waiting;
import io.juicebox.test.stack.LocalStack;
import io.juicebox.test.stack.Rounds;
import io.juicebox.test.table.Table;
import io.minio.admin.MinioAdminClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

/**
 * A server that loses the users of volumes, which are mounted and written to: the controller gives
 * them back, the mounts go on by themselves, and what programs had on disk is there.
 */
@Tag("isolation")
@DisplayName("isolation: users that were lost")
final class LostUsersTest {
  private static final int VOLUMES = 3;

  /** The promise for the Redis that mounts use, whose restart is noticed. */
  private static final Duration RESTORED_AT_ONCE = Duration.ofSeconds(5L * Rounds.LENIENCE);

  /** The promise for all else. */
  private static final Duration RESTORED = Duration.ofSeconds(30L * Rounds.LENIENCE);

  /**
   * For what juicefs has to try again by then. It mostly takes seconds; a transaction that was
   * under way when Redis restarted has been seen to wait for 91 s, see the README.
   */
  private static final Duration RECOVERED = Duration.ofMinutes(5);

  private static final Duration POLL = Duration.ofMillis(100);
  private static final int SOME = 10;
  private static final Table TABLE =
      new Table(
          "users lost", "by", "back after s", "all write after s", "errors that programs saw");

  private static LocalStack stack;
  private final List<Writer> writers = new ArrayList<>();

  /** A program that writes into a volume, and its list of what is on disk. */
  private record Writer(OwnVolume volume, Path ledger, Command program) {
    static Writer start(String name) {
      var volume = OwnVolume.create(stack, name);
      volume.publish();
      Path ledger = stack.home().resolve(name + ".ledger");
      return new Writer(volume, ledger, Command.start(command("write", volume, ledger)));
    }

    private static List<String> command(String what, OwnVolume volume, Path ledger) {
      Path script = Tools.repository().orElseThrow().resolve("test/isolation/writer.py");
      return List.of(
          Tools.python().toString(),
          "-B",
          script.toString(),
          what,
          volume.target().toString(),
          ledger.toString());
    }

    private List<String> lines() {
      try {
        return Files.exists(ledger) ? Files.readAllLines(ledger) : List.of();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    int errors() {
      return (int) lines().stream().filter(line -> line.startsWith("error")).count();
    }

    int kept() {
      return lines().size() - errors();
    }

    /** How many files it has on disk, all of which it reads. */
    int check() {
      String counted = Command.run(RECOVERED, command("check", volume, ledger));
      return Integer.parseInt(counted.strip());
    }
  }

  @BeforeAll
  static void start() {
    stack = LocalStack.builder().mountService().start();
  }

  @AfterAll
  static void stop() {
    try (var _ = stack) {
      TABLE.print(System.out);
    }
  }

  @BeforeEach
  void startWriters(TestInfo test) {
    for (int i = 0; i < VOLUMES; i++) {
      writers.add(Writer.start(test.getTestMethod().orElseThrow().getName() + i));
    }
    requireProgress("at first");
  }

  @AfterEach
  void endWriters() {
    writers.forEach(writer -> writer.program().close());
  }

  @Test
  void ofRedisThatWasRestartedWithoutThem() {
    var redis = stack.backend().redis();
    assertThat(redis.cli(0, "CONFIG", "GET", "aclfile").lines().skip(1).toList())
        .as("where the users would be kept")
        .allMatch(String::isEmpty);
    int errors = errors();
    redis.restart();
    long lost = System.nanoTime();
    awaitRestored(
        RESTORED_AT_ONCE, () -> Set.copyOf(redis.cli(0, "ACL", "USERS").lines().toList()));
    finish("a restart of Redis", lost, errors);
  }

  @Test
  void ofMinioThatForgotThem() throws Exception {
    var admin = stack.backend().accounts();
    int errors = errors();
    for (String account : owners()) {
      admin.deleteUser(account);
      admin.removeCannedPolicy(account);
    }
    long lost = System.nanoTime();
    awaitRestored(RESTORED, () -> users(admin));
    finish("MinIO", lost, errors);
  }

  private static Set<String> users(MinioAdminClient admin) {
    try {
      return admin.listUsers().keySet();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private Set<String> owners() {
    var owners = new TreeSet<String>();
    writers.forEach(writer -> owners.add(writer.volume().lineage()));
    return owners;
  }

  /** What knows users. */
  private interface Users {
    Set<String> now();
  }

  private void awaitRestored(Duration promised, Users users) {
    assertThat(Waiting.until(() -> users.now().containsAll(owners()), promised, POLL))
        .as("all users within " + promised)
        .isTrue();
  }

  /** They write again; and what any of them ever had on disk can be read from the store. */
  private void finish(String cause, long lost, int errorsBefore) {
    String back = seconds(lost);
    requireProgress("after " + cause);
    TABLE.add(cause, back, seconds(lost), errors() - errorsBefore);
    for (var writer : writers) {
      writer.program().close();
      writer.volume().unpublish();
      writer.volume().publish();
      assertThat(writer.check()).isEqualTo(writer.kept());
    }
  }

  private void requireProgress(String when) {
    List<Integer> before = writers.stream().map(Writer::kept).toList();
    for (int i = 0; i < VOLUMES; i++) {
      var writer = writers.get(i);
      int enough = before.get(i) + SOME;
      assertThat(Waiting.until(() -> writer.kept() >= enough, RECOVERED, POLL))
          .as(() -> "%s writes %s: %s".formatted(writer.volume().target(), when, writer.lines()))
          .isTrue();
    }
  }

  private int errors() {
    return writers.stream().mapToInt(Writer::errors).sum();
  }

  private static String seconds(long since) {
    return "%.1f".formatted((System.nanoTime() - since) / 1e9);
  }
}
