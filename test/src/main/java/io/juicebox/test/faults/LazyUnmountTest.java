package io.juicebox.test.faults;

import io.juicebox.test.server.Command;
import io.juicebox.test.server.Remains;
import io.juicebox.test.server.Tools;
import io.juicebox.test.stack.LocalStack;
import io.juicebox.test.stack.Rounds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Somebody takes our mount off, lazily: who uses the volume goes on, nothing that is written lands
 * on the node's disk, and the next publish repairs it.
 */
@Tag("faults")
@DisplayName("faults: our mount is unmounted behind our back")
final class LazyUnmountTest {
  @RegisterExtension static final FaultTable TABLE = new FaultTable();

  private static final int ROUNDS = Rounds.of(3, 10);
  private static final Duration COMMAND = Duration.ofSeconds(30);
  private static final Duration SETTLE = Duration.ofSeconds(1);

  private static LocalStack stack;
  private static Neighbours neighbours;
  private static LoadedVolume ours;

  @BeforeAll
  static void start() {
    stack = LocalStack.builder().mountService().start();
    ours = LoadedVolume.published(stack, "ours");
    neighbours = Neighbours.start(stack);
  }

  @AfterAll
  static void stop() {
    try (var _ = stack) {
      neighbours.close();
      ours.close();
    }
  }

  /** The publication is a mount of its own and stays. */
  @Test
  void publishedAndUsed() throws IOException {
    var row = new Row("our mount taken off", neighbours.control().plus(Neighbours.TOLERANCE));
    try (var load = ours.load(Load.ALL)) {
      load.awaitReady();
      for (int round = 0; round < ROUNDS; round++) {
        var directory = Path.of(ours.mount().getMount().getDirectory());
        long begun = System.nanoTime();
        Remains.unmount(directory);
        checkUnwritable(row, directory);
        var second = stack.target("second-" + round);
        ours.publishAt(second);
        var written = second.resolve("by-second");
        script("import sys; open(sys.argv[1], 'x').write('x')", written);
        script("import os, sys; os.unlink(sys.argv[1])", ours.target().resolve("by-second"));
        ours.unpublishAt(second);
        Wait.of(SETTLE);
        row.pause(load.seen().between(begun, Long.MAX_VALUE).longestPause());
      }
      var seen = load.stop();
      row.errors(seen);
      Contract.nothing(seen).forEach(row::mistake);
      row.note(seen.acknowledged() + " acknowledged");
    }
    neighbours.tell(row);
    row.finish(TABLE);
  }

  /** With the publication too, so that nobody holds the mount any more. */
  @Test
  void withItsPublication() throws IOException {
    var row = new Row("our mount and its publication taken off", Duration.ofSeconds(10));
    for (int round = 0; round < ROUNDS; round++) {
      var kept = ours.target().resolve("kept-" + round);
      script(
          "import os, sys; f = open(sys.argv[1], 'x'); f.write('x'); f.flush(); os.fsync(f)", kept);
      var directory = Path.of(ours.mount().getMount().getDirectory());
      Remains.unmount(ours.target());
      Remains.unmount(directory);
      checkUnwritable(row, directory);
      long publishing = System.nanoTime();
      ours.publish();
      row.pause(Duration.ofNanos(System.nanoTime() - publishing));
      script("import sys; assert open(sys.argv[1]).read() == 'x'", kept);
    }
    row.note("the time is that of the new publish");
    neighbours.tell(row);
    row.finish(TABLE);
  }

  /** Not even by root, and there is nothing in it. */
  private static void checkUnwritable(Row row, Path directory) throws IOException {
    if (!Files.exists(directory) || mounted(directory)) {
      row.note("it was mounted again before anybody could write");
      return;
    }
    try {
      Files.writeString(directory.resolve("lands-on-the-disk"), "x");
      if (mounted(directory)) {
        row.note("it was mounted again before anybody could write");
      } else {
        row.mistake("what is written to %s lands on the node's disk".formatted(directory));
      }
    } catch (IOException e) {
      row.note(e.getClass().getSimpleName());
    }
    try (var entries = Files.list(directory)) {
      if (!mounted(directory)) {
        entries.forEach(entry -> row.mistake(entry + " is on the node's disk"));
      }
    }
  }

  private static boolean mounted(Path directory) {
    return Remains.mountsBelow(directory).contains(directory);
  }

  private static void script(String python, Path file) {
    Command.run(COMMAND, List.of(Tools.python().toString(), "-c", python, file.toString()));
  }
}
