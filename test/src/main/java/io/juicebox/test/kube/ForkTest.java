package io.juicebox.test.kube;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.TypedLocalObjectReference;
import io.juicebox.test.stack.Inventory;
import io.juicebox.test.table.Table;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * A workspace that is prepared once, kept as a snapshot, and given to many: all by objects of the
 * API, as a team makes them. The pods that use the copies are under PodSecurity "restricted".
 */
@Tag("kube")
@DisplayName("Fork a volume like a git branch")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class ForkTest {
  private static final String GOLDEN = "golden";
  private static final String APPENDING = "appending";
  private static final String SNAPSHOT = "prepared";
  private static final String RESTORED = "restored";
  private static final String CLONE = "clone";
  private static final String SIZE = "128Mi";
  private static final int FORKS = 20;
  private static final Duration FORKED = Duration.ofMinutes(5);
  private static final Duration REFUSED = Duration.ofSeconds(60);

  /** A repository with a commit, and what git does not keep: a hard link, and a time of its own. */
  private static final String PREPARE =
      """
      mkdir /data/tree && cd /data/tree && git init -q && mkdir -p src/deep
      git config user.name test && git config user.email test@example.com
      for i in $(seq 50); do head -c 3000 /dev/urandom > src/deep/file$i; done
      echo first > src/note && chmod 640 src/note && touch -d '2020-02-03 04:05:06' src/deep/file1
      ln -s ../src/note src/link && ln src/note src/hard
      git add . && git commit -qm first && find . -type f | xargs sync\
      """;

  /** Each of these would show in {@link #STATE}. */
  private static final String CHANGE =
      """
      cd /data/tree && echo second >> src/note && rm src/deep/file2 && mv src/deep/file3 src/moved
      rm src/link && ln -s deep/file4 src/link && chmod 600 src/deep/file5
      git add -A && git commit -qm second && find . -type f | xargs sync\
      """;

  /** Names, kinds, owners, modes, links, sizes, times, where links lead, and what files hold. */
  private static final String STATE =
      """
      cd /data/tree && git fsck --strict && git log --format=%s
      find . | sort | xargs stat -c '%n %F %u:%g %a %h %s %Y'
      find . -type l | sort | xargs -n 1 readlink
      find . -type f | sort | xargs sha256sum\
      """;

  private static Cluster cluster;
  private static ClusterInventory inventory;
  private static Inventory before;
  private static Workspace workspace;
  private static Snapshots snapshots;

  /** What {@link #STATE} said when the snapshot was taken. */
  private static String prepared = "";

  @BeforeAll
  static void start() {
    cluster = new Cluster();
    inventory = new ClusterInventory(cluster);
    before = inventory.read();
    workspace = new Workspace(cluster, "fork");
    snapshots = new Snapshots(cluster, workspace);
    Scripts.put(cluster, workspace);
  }

  /** Whatever a test that failed has left goes with its namespace. */
  @AfterAll
  static void end() {
    try (var _ = cluster) {
      workspace.close();
      Leftovers.requireNone(inventory, before);
    }
  }

  /** Beside the tree, which rests, another pod appends all the time. */
  @Test
  @Order(1)
  void aSnapshotOfAVolumeInUse() {
    workspace.claim(GOLDEN, "ReadWriteMany", SIZE);
    var shell = pod(GOLDEN);
    shell.run(PREPARE);
    prepared = shell.run(STATE);
    workspace.claim(APPENDING, "ReadWriteMany", SIZE);
    var writer = Writer.start(cluster, workspace, "writer", APPENDING);

    snapshots.take(SNAPSHOT, GOLDEN);
    assertThat(snapshots.restoreSize(SNAPSHOT)).isEqualTo(SIZE);
    shell.run(CHANGE);
    assertThat(shell.run(STATE)).isNotEqualTo(prepared);

    var safe = writer.acknowledged();
    snapshots.take("at-work", APPENDING);
    var later = Writer.found(workspace.running("writer"));
    writer.awaitProgress();
    workspace.copy("at-work", Snapshots.source("at-work"), SIZE);
    var found = Writer.found(pod("at-work"));
    assertThat(found).isBetween(safe, later + 1); // it may have been about to say so
    writer.requireNothingLost();
    workspace.remove("writer");
  }

  @Test
  @Order(2)
  void aRestoredVolumeIsTheSnapshotAndOneOfItsOwn() {
    workspace.copy(RESTORED, Snapshots.source(SNAPSHOT), SIZE);
    var restored = pod(RESTORED);
    assertThat(restored.run(STATE)).isEqualTo(prepared);
    var golden = workspace.running(GOLDEN);
    var live = golden.run(STATE);
    restored.run("cd /data/tree && echo fork > src/note && rm -r src/deep");
    assertThat(golden.run(STATE)).isEqualTo(live);
    assertThat(restored.run("cd /data/tree && git checkout -q -- . && git status --porcelain"))
        .isEmpty();
  }

  @Test
  @Order(3)
  void aCloneIsTheVolumeAsItIs() {
    var live = workspace.running(GOLDEN).run(STATE);
    assertThat(live).isNotEqualTo(prepared);
    workspace.copy(
        CLONE, new TypedLocalObjectReference(null, "PersistentVolumeClaim", GOLDEN), SIZE);
    assertThat(pod(CLONE).run(STATE)).isEqualTo(live);
  }

  @Test
  @Order(4)
  void aCopyMayBeLargerAndNotSmaller() {
    workspace.copy("larger", Snapshots.source(SNAPSHOT), "192Mi");
    assertThat(pod("larger").run("df -P -m /data | awk 'END { print $2 }'")).isEqualTo("192");
    assertThat(workspace.running("larger").run(STATE)).isEqualTo(prepared);

    for (var source :
        new TypedLocalObjectReference[] {
          Snapshots.source(SNAPSHOT),
          new TypedLocalObjectReference(null, "PersistentVolumeClaim", GOLDEN)
        }) {
      var claim = "smaller-" + source.getName();
      workspace.copy(claim, source, "64Mi");
      Expect.within(
          REFUSED,
          "an event says why " + claim + " is refused",
          () -> workspace.events(claim).contains("ProvisioningFailed") && tellsBoth(claim),
          () -> workspace.events(claim));
      assertThat(workspace.require(claim).getStatus().getPhase()).isEqualTo("Pending");
      workspace.removeClaim(claim);
    }
  }

  /** The event names the size that is asked for, and that of the source. */
  private static boolean tellsBoth(String claim) {
    var events = workspace.events(claim);
    return events.contains(Long.toString(64L << 20)) && events.contains(Long.toString(128L << 20));
  }

  @Test
  @Order(5)
  void manyForksOfOneSnapshotAtOnce() {
    var start = Instant.now();
    IntStream.range(0, FORKS)
        .parallel()
        .forEach(i -> workspace.copy("fork-" + i, Snapshots.source(SNAPSHOT), SIZE));
    Expect.within(FORKED, FORKS + " forks are bound", () -> bound() == FORKS, ForkTest::whyNot);
    var table = new Table("Claims from one snapshot at once, seconds", "forks", "all bound");
    table.add(FORKS, Duration.between(start, Instant.now()).toMillis() / 1000.0);
    table.print(System.out);
    assertThat(pod("fork-0").run(STATE)).isEqualTo(prepared);
    assertThat(pod("fork-" + (FORKS - 1)).run(STATE)).isEqualTo(prepared);
  }

  private static long bound() {
    return workspace.claims().stream()
        .filter(claim -> claim.getMetadata().getName().startsWith("fork-"))
        .filter(claim -> "Bound".equals(claim.getStatus().getPhase()))
        .count();
  }

  private static String whyNot() {
    return String.join("\n", Workspace.events(cluster.client(), workspace.name()));
  }

  @Test
  @Order(6)
  void forksOutliveTheSnapshotAndItsSource() {
    workspace.remove(GOLDEN);
    var volume = workspace.bound(GOLDEN).getMetadata().getName();
    workspace.removeClaim(GOLDEN);
    snapshots.remove(SNAPSHOT);
    snapshots.remove("at-work");
    Expect.within(
        Workspace.BOUND,
        "the source's volume is gone",
        () -> cluster.client().persistentVolumes().withName(volume).get() == null);
    assertThat(Snapshots.contents(cluster.client())).isEmpty();

    for (var fork : new String[] {"fork-0", "larger"}) {
      assertThat(workspace.running(fork).run(STATE)).isEqualTo(prepared);
    }
    // One that was never mounted has nothing in a cache.
    assertThat(pod("fork-7").run(STATE)).isEqualTo(prepared);
  }

  @Test
  @Order(7)
  void nothingIsLeftAfterTheirEnd() {
    workspace.pods().forEach(pod -> workspace.remove(pod.getMetadata().getName()));
    workspace.claims().forEach(claim -> workspace.removeClaim(claim.getMetadata().getName()));
    Leftovers.requireNone(inventory, before);
  }

  /** A pod of the claim's name with its volume. */
  private static Shell pod(String claim) {
    return workspace.running(Scripts.with(Pods.idle(claim, claim)));
  }
}
