package io.juicebox.test.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.juicebox.test.stack.Inventory;
import java.time.Duration;
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

@Tag("kube")
@DisplayName("PVC in, pod out")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class VolumeLifeTest {
  private static final String CLAIM = "workspace";
  private static final String FIRST = "first";
  private static final long MIB = 1L << 20;

  /** The kubelet's next sync, the controller's call and the mount's next heartbeat. */
  private static final Duration EXPANDED = Duration.ofSeconds(60);

  private static Cluster cluster;
  private static ClusterInventory inventory;
  private static Inventory before;
  private static Workspace workspace;

  @BeforeAll
  static void start() {
    cluster = new Cluster();
    inventory = new ClusterInventory(cluster);
    before = inventory.read();
    workspace = new Workspace(cluster, "life");
    Scripts.put(cluster, workspace);
  }

  @AfterAll
  static void end() {
    try (var _ = cluster) {
      workspace.close();
    }
  }

  @Test
  @Order(1)
  void aClaimIsBoundAndARestrictedPodRuns() {
    workspace.claim(CLAIM, "ReadWriteMany", "128Mi");
    var volume = workspace.bound(CLAIM);
    assertThat(volume.getSpec().getCsi().getDriver()).isEqualTo(Cluster.DRIVER);
    var shell = workspace.running(Scripts.with(Pods.idle(FIRST, CLAIM)));
    assertThat(shell.run("id -u")).isEqualTo("1000");
    assertThat(shell.run("stat -fc %T /data || true; df -P /data | tail -1")).contains("/data");
  }

  @Test
  @Order(2)
  void theFolderBelongsToTheGroupOfThePod() {
    assertThat(shell().run("stat -c %g /data")).isEqualTo("" + Pods.GROUP);
    assertThat(shell().run("cd /data && mkdir made && stat -c %g made && rmdir made"))
        .isEqualTo("" + Pods.GROUP);
  }

  /** What broke on object-store mounts, and what else applications of sandboxes do. */
  @TestFactory
  @Order(3)
  Stream<DynamicTest> applicationsWorkInThePod() {
    return Stream.of("replace", "science", "databases", "repository", "locks", "mapping")
        .map(script ->
            dynamicTest(
                script,
                () -> {
                  shell().run("mkdir /data/" + script);
                  var _ =
                      shell()
                          .run("python3 -B /scripts/%s.py all /data/%s".formatted(script, script));
                }));
  }

  @Test
  @Order(4)
  void aSecondPodSeesTheSameFiles() {
    var second = workspace.running(Pods.small("second", CLAIM));
    shell().run("echo from the first > /data/note");
    assertThat(second.run("cat /data/note")).isEqualTo("from the first");
    second.run("mv /data/note /data/renamed");
    assertThat(shell().run("cat /data/renamed")).isEqualTo("from the first");
    workspace.remove("second");
  }

  @Test
  @Order(5)
  void anExpansionIsSeenInTheRunningPod() {
    assertThat(bytes(shell())).isEqualTo(128 * MIB);
    workspace.expand(CLAIM, "192Mi");
    Expect.within(
        EXPANDED,
        "df in the pod shows the new size",
        () -> bytes(shell()) == 192 * MIB,
        () -> workspace.events(CLAIM));
    Expect.within(
        EXPANDED,
        "the claim shows the new size",
        () -> capacity().equals("192Mi"),
        () -> workspace.events(CLAIM));
  }

  @Test
  @Order(6)
  void nothingIsLeftAfterItsEnd() {
    workspace.remove(FIRST);
    workspace.removeClaim(CLAIM);
    Leftovers.requireNone(inventory, before);
  }

  private static String capacity() {
    return String.valueOf(workspace.require(CLAIM).getStatus().getCapacity().get("storage"));
  }

  /** In the pod that all tests use. */
  private static Shell shell() {
    return workspace.running(FIRST);
  }

  private static long bytes(Shell in) {
    return Long.parseLong(in.run("df -P -B1 /data | awk 'END { print $2 }'"));
  }
}
