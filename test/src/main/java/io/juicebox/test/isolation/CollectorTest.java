package io.juicebox.test.isolation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.juicebox.test.server.Command;
import io.juicebox.test.server.Tools;
import io.juicebox.test.server.Waiting;
import io.juicebox.test.stack.LocalStack;
import io.juicebox.test.stack.Rounds;
import io.juicebox.test.table.Table;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Space of deleted files comes back, whoever dies meanwhile, and no other file loses a byte. */
@Tag("isolation")
@DisplayName("isolation: space comes back")
@Timeout(7200) // an annotation knows no rounds; WHOLE does
final class CollectorTest {
  /** Half of them are deleted while others are written. */
  private static final int FILES = Rounds.of(10_000, 100_000);

  private static final int NEW = FILES / 10;
  private static final int KILLS = 10;

  /** The promise, with the settings that the controller has by default. */
  private static final Duration LIMIT = Duration.ofSeconds(60L * Rounds.LENIENCE);

  private static final Duration POLL = Duration.ofSeconds(1);
  private static final Duration IO = Duration.ofMinutes(Rounds.of(8, 20));
  private static final Duration WHOLE = Duration.ofSeconds(Rounds.of(1800, 7200));

  private static LocalStack stack;
  private static final Table TABLE =
      new Table(
          "space comes back",
          "files",
          "deleted",
          "controller killed",
          "while files were deleted",
          "s after the last");

  @BeforeAll
  static void start() {
    stack = LocalStack.start();
  }

  @AfterAll
  static void stop() {
    TABLE.print(System.out);
    stack.close();
  }

  @Test
  void whileAVolumeIsUsedAndTheControllerIsKilled() {
    assertTimeoutPreemptively(WHOLE, CollectorTest::killManyTimes);
  }

  private static void killManyTimes() {
    int meanwhile;
    var volume = OwnVolume.create(stack, "used");
    volume.publish();
    var files = new ManyFiles(volume.target());
    Loader.fill(volume, files, FILES);
    volume.fsck();
    files.check(0, FILES);

    try (var churn = files.churn(FILES, FILES + NEW)) {
      meanwhile = killWhile(churn);
      churn.await(IO);
    }
    long deleted = System.nanoTime();
    int left = FILES / 2 + NEW;
    awaitBlocks(volume, left, deleted);
    TABLE.add(FILES + NEW, FILES / 2, KILLS, meanwhile, seconds(deleted));

    // What the node has cached goes with the last publication: all is read from the store.
    volume.unpublish();
    volume.publish();
    files.check(FILES, FILES + NEW);
    assertThat(volume.blocks()).isEqualTo(left);
    volume.unpublish();
    volume.fsck();
    volume.delete();
  }

  /**
   * Kills it as often as it should be, the first time while the work is done, and the last times
   * after that where it is done sooner.
   *
   * @return how often while it was done
   */
  private static int killWhile(Command work) {
    assertThat(work.isRunning()).as("files are deleted").isTrue();
    int meanwhile = 0;
    for (int kills = 0; kills < KILLS; kills++) {
      meanwhile += work.isRunning() ? 1 : 0;
      stack.controller().kill();
      stack.controller().restart();
    }
    return meanwhile;
  }

  @Test
  void ofAVolumeThatNobodyMountsAnyMore() {
    assertTimeoutPreemptively(WHOLE, CollectorTest::unpublishWithMuchToDo);
  }

  private static void unpublishWithMuchToDo() {
    int meanwhile;
    var volume = OwnVolume.create(stack, "unmounted");
    volume.publish();
    var doomed = new ManyFiles(volume.target().resolve("doomed"));
    Loader.fill(volume, doomed, FILES / 2);
    var kept = new ManyFiles(volume.target().resolve("kept"));
    Loader.fill(volume, kept, FILES / 2);
    try (var removal = Command.start(removal(doomed))) {
      meanwhile = removal.isRunning() ? 1 : 0;
      stack.controller().kill(); // else it might be faster than we look
      removal.await(IO);
    }
    long deleted = System.nanoTime();
    volume.unpublish();
    assertThat(Integer.parseInt(volume.redis("ZCARD", "delfiles")))
        .as("files that the mount did not get to")
        .isGreaterThan(100);

    stack.controller().restart();
    awaitBlocks(volume, FILES / 2, deleted);
    TABLE.add(FILES, FILES / 2, 1, meanwhile, seconds(deleted));
    assertThat(volume.redis("EXISTS", "delfiles", "sliceRef")).isEqualTo("0");

    volume.publish();
    kept.check(0, FILES / 2);
    volume.unpublish();
    volume.fsck();
    volume.delete();
  }

  private static List<String> removal(ManyFiles files) {
    return List.of(
        Tools.program("juicefs").toString(), "--no-agent", "rmr", files.folder().toString());
  }

  /** The list of the blocks is long, so it is looked at only when Redis knows of no dead ones. */
  private static void awaitBlocks(OwnVolume volume, int blocks, long since) {
    Duration left = LIMIT.minusNanos(System.nanoTime() - since);
    var _ =
        Waiting.until(
            () ->
                volume.redis("EXISTS", "delfiles", "sliceRef").equals("0")
                    && volume.blocks() == blocks,
            left,
            POLL);
    assertThat(volume.blocks()).as("blocks %s after the last delete", LIMIT).isEqualTo(blocks);
  }

  private static String seconds(long since) {
    return "%.0f".formatted((System.nanoTime() - since) / 1e9);
  }
}
