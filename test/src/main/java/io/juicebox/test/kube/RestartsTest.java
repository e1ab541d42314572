package io.juicebox.test.kube;

import static org.assertj.core.api.Assertions.assertThat;

import io.juicebox.test.stack.Inventory;
import io.juicebox.test.stack.Rounds;
import io.juicebox.test.table.Table;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * The pods of the driver's node part are ended in all ways that operators have, the node is drained
 * and the backend gets other keys, while a pod writes records with fsync: what it may see of it is
 * the contract of {@code deploy/kubernetes/README.md}. Each time ends when it writes on.
 */
@Tag("kube")
@DisplayName("What a pod that writes sees of the driver's restarts")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class RestartsTest {
  private static final int TIMES = Rounds.of(3, 10);

  private static final Duration AFTER_SIGTERM = Duration.ofSeconds(30);

  /** Where nothing happens to the volume, or a juicefs replaces another in order. */
  private static final Duration SHORT = Duration.ofSeconds(3L * Rounds.LENIENCE);

  /** It writes some 50 each second. */
  private static final long RECORDS = 300;

  /** What the mount service logs when it has restarted a process for other keys. */
  private static final Pattern RENEWED =
      Pattern.compile("(its keys have changed|a restart was due): Restarted");

  private static final int ROTATIONS = 2;
  private static final Duration REPUBLISHED = Duration.ofMinutes(4);

  private static final String IN_ORDER = "-";
  private static final List<String> NONE = List.of();

  /** Of the file that it had open, not of the one that it opens then. */
  private static final List<String> OPEN_FILE = List.of("error EBADF", "error EBADF at close");

  private static final Table TABLE =
      new Table(
          "What a pod that writes with fsync sees of the driver's restarts",
          "event",
          "times",
          "errors",
          "longest pause",
          "pods gone after at most",
          "acknowledged records lost");

  private static Cluster cluster;
  private static ClusterInventory inventory;
  private static Inventory before;
  private static Workspace workspace;
  private static DriverPods plugin;
  private static DriverPods mounts;
  private static Writer writer;

  @BeforeAll
  static void start() {
    cluster = new Cluster();
    inventory = new ClusterInventory(cluster);
    before = inventory.read();
    workspace = new Workspace(cluster, "restarts");
    plugin = new DriverPods(cluster, DriverPods.PLUGIN);
    mounts = new DriverPods(cluster, DriverPods.MOUNTS);
    Scripts.put(cluster, workspace);
    workspace.claim("writer", "ReadWriteOnce", "1Gi");
    writer = Writer.start(cluster, workspace, "writer", "writer");
  }

  @AfterAll
  static void end() {
    try (var _ = cluster) {
      TABLE.print(System.out);
      workspace.close();
      Leftovers.requireNone(inventory, before);
    }
  }

  @Test
  @Order(1)
  void thePluginsPodIsDeleted() {
    require("node plugin's pod deleted", NONE, plugin::replace);
  }

  @Test
  @Order(2)
  void thePluginsImageIsRolled() {
    requireOfRolls("node plugin's image rolled", plugin);
  }

  @Test
  @Order(3)
  void theMountServicesPodIsDeleted() {
    require("mount service's pod deleted", NONE, mounts::replace);
  }

  @Test
  @Order(4)
  void theMountServicesImageIsRolled() {
    requireOfRolls("mount service's image rolled", mounts);
  }

  @Test
  @Order(5)
  void theMountServicesPodIsDeletedByForce() {
    require(
        "mount service's pod deleted by force",
        OPEN_FILE,
        () -> {
          var start = Instant.now();
          mounts.deleteByForce();
          // It lives on for a while beside its successor.
          Expect.within(
              Workspace.TERMINATED,
              "the writer has lost its open file",
              () -> !writer.troubles(start).isEmpty());
          return mounts.awaitSuccessors();
        });
  }

  /** The kubelet publishes again about every minute and a half, and the node sees other keys. */
  @Test
  @Order(6)
  void theKeysOfAVolumeAreRotated() {
    var name = workspace.bound("writer").getMetadata().getName();
    var keys = BackendSecret.ofVolume(cluster, name);
    var start = Instant.now();
    require(
        "the volume's keys rotated",
        ROTATIONS,
        NONE,
        () -> {
          var user = keys.redisUser();
          var password = keys.redisPassword();
          var before = renewals();
          assertThat(rotate(name)).contains("has new keys");
          assertThat(keys.opensRedis(user, password)).as("the former keys work").isTrue();
          Expect.within(
              REPUBLISHED, "the writer's juicefs has other keys", () -> renewals() > before);
          assertThat(rotate(name, "--end-former")).contains("present keys alone");
          assertThat(keys.opensRedis(user, password)).as("the former keys work").isFalse();
          return Duration.ZERO;
        });
    assertThat(writer.longestPause(start)).as("pause").isLessThan(SHORT);
  }

  private static String rotate(String... arguments) {
    var command = new ArrayList<String>();
    command.addAll(
        List.of("-n", Cluster.DRIVER_NAMESPACE, "exec", "deployment/juicebox-controller"));
    command.addAll(List.of("-c", "controller", "--", "/jre/bin/java", "@/app/jvm.options"));
    command.addAll(List.of("-jar", "/app/juicebox-controller.jar", "rotate"));
    command.addAll(List.of(arguments));
    return cluster.kubectl(command.toArray(String[]::new));
  }

  private static long renewals() {
    var volume = workspace.bound("writer").getSpec().getCsi().getVolumeHandle();
    return mounts.count(line -> line.contains(volume) && RENEWED.matcher(line).find());
  }

  @Test
  @Order(7)
  void aNewPodGetsAVolumeThen() {
    workspace.claim("new", "ReadWriteOnce", "64Mi");
    workspace.running(Pods.small("new", "new")).run("echo 1 > /data/one");
    workspace.remove("new");
    workspace.removeClaim("new");
  }

  /** It takes the other writer along, so it comes last. The backends' pods have their data. */
  @Test
  @Order(8)
  void theNodeIsDrained() {
    var gone = Duration.ZERO;
    var pause = Duration.ZERO;
    var seen = new ArrayList<String>();
    workspace.claim("drained", "ReadWriteOnce", "64Mi");
    for (int i = 0; i < TIMES; i++) {
      var persistent = Writer.persistent(cluster, workspace, "drained", "drained", AFTER_SIGTERM);
      long before = persistent.acknowledged();
      gone = longer(gone, drain());
      var reader = workspace.running(Scripts.with(Pods.idle("reader", "drained")));
      var words = Writer.lastWords(reader);
      assertThat(words.last())
          .as("the last record that was safe")
          .isEqualTo(Writer.found(reader))
          .isGreaterThanOrEqualTo(before + words.acknowledged());
      seen.addAll(words.troubles());
      pause = longer(pause, words.longestPause());
      assertThat(words.acknowledged()).as("records after SIGTERM").isGreaterThan(RECORDS);
      workspace.remove("reader");
    }
    workspace.removeClaim("drained");
    add("node drained; the pod writes on for 30 s", TIMES, seen, pause, gone);
    assertThat(seen).as("what the writer saw").isEmpty();
    assertThat(pause).as("pause").isLessThan(SHORT);
    assertThat(gone).as("until the pods had gone").isLessThan(Workspace.TERMINATED);
  }

  /** Returns how long the last pod stayed. */
  private static Duration drain() {
    var start = Instant.now();
    try {
      var _ =
          cluster.kubectl(
              "drain",
              Cluster.NODE,
              "--ignore-daemonsets",
              "--delete-emptydir-data",
              "--force",
              "--pod-selector=app.kubernetes.io/component notin (redis, minio)");
      return Duration.between(start, Instant.now());
    } finally {
      var _ = cluster.kubectl("uncordon", Cluster.NODE);
    }
  }

  /** The writer sees no other troubles, its container is not restarted, and nothing is lost. */
  private static void require(String event, List<String> allowed, Supplier<Duration> fault) {
    require(event, TIMES, allowed, fault);
  }

  private static void require(
      String event, int times, List<String> allowed, Supplier<Duration> fault) {
    var start = Instant.now();
    var gone = Duration.ZERO;
    for (int i = 0; i < times; i++) {
      gone = longer(gone, fault.get());
      writer.awaitProgress();
    }
    // A record that was cut in the middle was never acknowledged.
    var seen = writer.troubles(start).stream().filter(words -> !words.startsWith("cut ")).toList();
    writer.requireNothingLost();
    add(event, times, seen, writer.longestPause(start), gone);
    assertThat(allowed).as("what the writer may see").containsAll(seen);
    assertThat(writer.restarts()).as("starts of the writer's container").isZero();
  }

  private static void requireOfRolls(String event, DriverPods pods) {
    var image = pods.image();
    var rolled = image + "-rolled";
    var _ = cluster.script("on-node.sh", "ctr", "-n", "k8s.io", "images", "tag", image, rolled);
    try {
      require(event, NONE, () -> pods.roll(pods.image().equals(image) ? rolled : image));
    } finally {
      if (!pods.image().equals(image)) {
        var _ = pods.roll(image);
      }
      var _ = cluster.script("on-node.sh", "ctr", "-n", "k8s.io", "images", "rm", rolled);
    }
  }

  private static void add(
      String event, int times, List<String> seen, Duration pause, Duration gone) {
    var errors = seen.isEmpty() ? IN_ORDER : String.join(", ", seen);
    TABLE.add(event, times, errors, seconds(pause), seconds(gone), 0);
  }

  private static Duration longer(Duration one, Duration other) {
    return one.compareTo(other) > 0 ? one : other;
  }

  private static String seconds(Duration duration) {
    return "%.1f s".formatted(duration.toMillis() / 1000.0);
  }
}
