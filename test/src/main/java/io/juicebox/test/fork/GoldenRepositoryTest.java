package io.juicebox.test.fork;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.juicebox.csi.spec.Snapshot;
import io.juicebox.test.client.Requests;
import io.juicebox.test.isolation.OwnVolume;
import io.juicebox.test.stack.LocalStack;
import io.juicebox.test.stack.Rounds;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Copies of a workspace with all kinds of files, in which git, SQLite and a log's writer are at
 * work: each copy is whole, has all that was synced before the call and nothing that was begun
 * after its answer, and can be worked in at once.
 */
@Tag("fork")
@DisplayName("fork: a workspace in use")
@Timeout(7200)
final class GoldenRepositoryTest {
  private static final int FILES = Rounds.of(1_000, 10_000);
  private static final int MEBIBYTES = Rounds.of(20, 100);
  private static final int SNAPSHOTS = Rounds.of(3, 20);

  private static final Duration DELETE = Duration.ofMinutes(5);

  private static LocalStack stack;

  @BeforeAll
  static void start() {
    stack = LocalStack.start();
  }

  @AfterAll
  static void stop() {
    stack.close();
  }

  /**
   * What was found in a copy.
   *
   * @param last the number of the last record, row and commit
   */
  private record Found(Made<?> copy, Map<String, Integer> last) {}

  @Test
  void canBeCopiedAndEachCopyIsWhole() {
    var before = stack.inventory();
    var source = OwnVolume.create(stack, "golden");
    source.publish();
    Scripts.run("golden", "make", source.target(), FILES, MEBIBYTES);
    var still = still(source);
    var ledgers = stack.home().resolve("ledgers");
    var snapshots = new ArrayList<Snapshot>();
    var found = new ArrayList<Found>();
    History history;
    try (var programs =
        Chains.start(ledgers, Scripts.command("golden", "use", source.target(), ledgers))) {
      for (int i = 0; i < SNAPSHOTS; i++) {
        var name = "golden-" + i;
        var snapshot = Made.by(() -> source.snapshot(name));
        snapshots.add(snapshot.it());
        found.add(new Found(snapshot, use(OwnVolume.restore(stack, name, snapshot.it()), still)));
      }
      var fork = Made.by(() -> source.fork("golden-fork"));
      assertThatThrownBy(() -> Scripts.run("golden", "lock", source.target()))
          .as("the locks that the source's programs hold")
          .hasMessageContaining("BlockingIOError");
      found.add(new Found(fork, use(fork.it(), still)));
      history = programs.stop();
    }
    for (var copy : found) {
      assertThat(history.whyNoInstant(copy.last, copy.copy.called(), copy.copy.answered()))
          .isEmpty();
    }
    assertThat(still(source)).isEqualTo(still);
    source.unpublish();
    source.delete();
    var controller = stack.controller().client().controller();
    for (var snapshot : snapshots) {
      var _ = controller.deleteSnapshot(Requests.delete(snapshot));
    }
    assertThat(stack.leftSince(before, DELETE))
        .allMatch(thing -> thing.startsWith("+ directory node/"), "a directory of the node's own");
  }

  /** Mounts a copy, takes its locks, checks and changes it, deletes it; says what it had. */
  private static Map<String, Integer> use(OwnVolume copy, List<Tree> still) {
    copy.publish();
    Scripts.run("golden", "lock", copy.target());
    assertThat(still(copy)).isEqualTo(still);
    var last =
        Scripts.run("golden", "check", copy.target()).stream()
            .map(line -> line.split(" ", -1))
            .collect(Collectors.toMap(words -> words[0], words -> Integer.valueOf(words[1])));
    copy.unpublish();
    copy.fsck();
    copy.delete();
    return last;
  }

  /** What nobody writes to. */
  private static List<Tree> still(OwnVolume volume) {
    return List.of(
        Tree.of(volume.target().resolve("still")),
        Tree.of(volume.target().resolve("repository/src")));
  }
}
