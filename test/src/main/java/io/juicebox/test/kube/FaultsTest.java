package io.juicebox.test.kube;

import static org.assertj.core.api.Assertions.assertThat;

import io.juicebox.test.stack.Inventory;
import io.juicebox.test.table.Table;
import java.time.Instant;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** Parts of the cluster are killed while pods write records with fsync. */
@Tag("kube")
@DisplayName("What fails beside a pod that writes")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class FaultsTest {
  /** What a writer sees that has lost its mount. */
  private static final Set<String> LOST = Set.of("error ENOTCONN", "error EBADF");

  private static final Table TABLE =
      new Table(
          "What a pod that writes with fsync sees",
          "event",
          "errors",
          "works again after",
          "longest pause",
          "acknowledged records lost");

  private static Cluster cluster;
  private static ClusterInventory inventory;
  private static Inventory before;
  private static Workspace workspace;

  @BeforeAll
  static void start() {
    cluster = new Cluster();
    inventory = new ClusterInventory(cluster);
    before = inventory.read();
    workspace = new Workspace(cluster, "faults");
    Scripts.put(cluster, workspace);
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
  void theControllerPodIsDeletedWhileItProvisions() {
    var claims = IntStream.range(0, 10).mapToObj(i -> "provisioned-" + i).toList();
    claims.forEach(claim -> workspace.claim(claim, "ReadWriteOnce", "64Mi"));
    var _ = new DriverPods(cluster, DriverPods.CONTROLLER).replace();
    claims.forEach(workspace::bound);
    assertThat(inventory.volumes()).as("volumes in the registry").isEqualTo(10);
    claims.forEach(workspace::removeClaim);
    Leftovers.requireNone(inventory, before);
  }

  @Test
  @Order(2)
  void theKubeletIsRestarted() {
    requireUnnoticed("kubelet killed", "kubelet");
  }

  @Test
  @Order(3)
  void containerdIsRestarted() {
    requireUnnoticed("containerd killed", "containerd");
  }

  /** Nobody is left who has the mount's descriptor. */
  @Test
  @Order(4)
  void bothPodsOfTheNodeAreDeletedByForce() {
    var plugin = new DriverPods(cluster, DriverPods.PLUGIN);
    var mounts = new DriverPods(cluster, DriverPods.MOUNTS);
    requireRecovered(
        "node plugin's and mount service's pods deleted by force at once",
        () -> {
          plugin.deleteByForce();
          mounts.deleteByForce();
          var _ = mounts.awaitSuccessors();
          var _ = plugin.awaitSuccessors();
        });
  }

  @Test
  @Order(5)
  void thePodIsDeletedByForce() {
    var writer = start("forced");
    workspace.removeByForce(writer.name());
    workspace.awaitGone(writer.name());
    var other = workspace.running(Scripts.with(Pods.idle("forced-2", "forced")));
    assertThat(Writer.found(other)).isPositive();
    workspace.remove("forced-2");
    workspace.removeClaim("forced");
    Leftovers.requireNone(inventory, before);
  }

  @Test
  @Order(6)
  void theNodeReboots() {
    var writer = start("reboot");
    var start = Instant.now();
    cluster.restart("node");
    writer.awaitProgress();
    report("node rebooted", "the boot", writer, start);
    finish(writer);
  }

  /** The writer must see no error. */
  private static void requireUnnoticed(String event, String part) {
    var writer = start(part);
    var start = Instant.now();
    cluster.restart(part);
    writer.awaitProgress();
    workspace.claim(part + "-2", "ReadWriteOnce", "64Mi");
    workspace.running(Pods.small(part + "-2", part + "-2")).run("echo 1 > /data/one");
    writer.awaitProgress();
    assertThat(writer.troubles(start)).as("what the writer saw").isEmpty();
    report(event, "-", writer, start);
    workspace.remove(part + "-2");
    workspace.removeClaim(part + "-2");
    finish(writer);
  }

  /** The writer loses its mount, and has another one after the next start of its container. */
  private static void requireRecovered(String event, Runnable fault) {
    var writer = start(event.replaceAll("[^a-z]+", "-"));
    var start = Instant.now();
    fault.run();
    // A plugin that lives on for a moment hands the successor what it keeps: that is the milder
    // end.
    Expect.within(
        Workspace.TERMINATED,
        "the writer has seen it",
        () -> writer.troubles(start).stream().anyMatch(LOST::contains));
    writer.restartContainer();
    writer.awaitProgress();
    report(event, "its container started again", writer, start);
    finish(writer);
  }

  private static Writer start(String name) {
    workspace.claim(name, "ReadWriteOnce", "256Mi");
    return Writer.start(cluster, workspace, name, name);
  }

  private static void report(String event, String cure, Writer writer, Instant since) {
    writer.requireNothingLost();
    TABLE.add(
        event,
        String.join(", ", writer.troubles(since)),
        cure,
        "%.1f s".formatted(writer.longestPause(since).toMillis() / 1000.0),
        0);
  }

  private static void finish(Writer writer) {
    workspace.remove(writer.name());
    workspace.removeClaim(writer.name());
    Leftovers.requireNone(inventory, before);
  }
}
