package io.juicebox.test.kube;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.readiness.Readiness;
import io.juicebox.test.stack.Inventory;
import io.juicebox.test.table.Table;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("kube")
@DisplayName("Many volumes at once")
final class ManyVolumesTest {
  private static final int COUNT = 50;
  private static final int TRICKLE = 15;
  private static final Duration REFILLED = Duration.ofSeconds(30);
  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final String CONTROLLER = "system:serviceaccount:juicebox:juicebox-controller";
  private static final String KUBELET = "system:node:" + Cluster.NODE;

  private static Cluster cluster;
  private static ClusterInventory inventory;
  private static Inventory before;

  @BeforeAll
  static void start() {
    cluster = new Cluster();
    inventory = new ClusterInventory(cluster);
    before = inventory.read();
  }

  @AfterAll
  static void end() {
    cluster.close();
  }

  @Test
  void oneByItself() {
    try (var workspace = new Workspace(cluster, "one")) {
      var creating = CallTimes.seconds(cluster, "controller", "CreateVolume");
      var publishing = CallTimes.seconds(cluster, "node", "NodePublishVolume");
      var times = run(workspace, 1);
      var table =
          new Table("One claim and its pod, the image present", "step", "time", "of it ours");
      table.add(
          "claim created to Bound",
          times.bound().getFirst(),
          CallTimes.seconds(cluster, "controller", "CreateVolume") - creating);
      table.add(
          "pod created to Ready",
          times.ready().getFirst(),
          CallTimes.seconds(cluster, "node", "NodePublishVolume") - publishing);
      table.print(System.out);
    }
    Leftovers.requireNone(inventory, before);
  }

  /** Each account that is used is made anew before the next is wanted; a Secret is made in each. */
  @Test
  void claimsInATrickle() {
    var millis = new ArrayList<Double>();
    Expect.within(REFILLED, "accounts are prepared", () -> CallTimes.preparedAccounts(cluster) > 0);
    double prepared = CallTimes.preparedAccounts(cluster);
    try (var workspace = new Workspace(cluster, "trickle")) {
      for (int i = 0; i < TRICKLE; i++) {
        double before = CallTimes.seconds(cluster, "controller", "CreateVolume");
        workspace.claim("v" + i, "ReadWriteOnce", "64Mi");
        workspace.bound("v" + i);
        millis.add(1000 * (CallTimes.seconds(cluster, "controller", "CreateVolume") - before));
        Expect.within(
            REFILLED,
            "an account is made for the next one",
            () -> CallTimes.preparedAccounts(cluster) >= prepared);
      }
      millis.sort(Double::compare);
      var table = new Table("CreateVolume in a trickle, its Secret included, ms", "p50", "longest");
      table.add(millis.get(TRICKLE / 2), millis.getLast());
      table.print(System.out);
    }
    Leftovers.requireNone(inventory, before);
  }

  @Test
  void fiftyClaimsAndPods() {
    var start = Instant.now();
    try (var workspace = new Workspace(cluster, "many")) {
      var times = run(workspace, COUNT);
      var table =
          new Table(COUNT + " claims and pods at once, seconds", "step", "p50", "p95", "all");
      add(table, "claim created to Bound", times.bound());
      add(table, "pod created to Ready", times.ready());
      table.print(System.out);
    }
    Leftovers.requireNone(inventory, before);
    var calls =
        new Table("API calls per volume, from claim to nothing", "who", "call", "per volume");
    for (var user : List.of(CONTROLLER, KUBELET)) {
      new AuditLog(cluster.auditLog())
          .calls(user, start, Instant.now())
          .forEach((call, count) -> {
            if (count >= COUNT) {
              calls.add(user, call, count / (double) COUNT);
            }
          });
    }
    calls.print(System.out);
  }

  /** Seconds from the creation of each claim and of each pod, in order of size. */
  private record Times(List<Double> bound, List<Double> ready) {}

  /** Creates claims and their pods, all of them at once, and waits until the last one runs. */
  private static Times run(Workspace workspace, int count) {
    var created = new ConcurrentHashMap<String, Instant>();
    var bound = new HashMap<String, Instant>();
    var ready = new HashMap<String, Instant>();
    IntStream.range(0, count)
        .parallel()
        .forEach(i -> {
          var name = "v" + i;
          created.put(name, Instant.now());
          workspace.claim(name, "ReadWriteOnce", "64Mi");
          workspace.pod(Pods.small(name, name));
        });
    Expect.within(
        LIMIT,
        count + " pods are ready",
        () -> {
          note(workspace.claims(), claim -> "Bound".equals(claim.getStatus().getPhase()), bound);
          note(workspace.pods(), Readiness.getInstance()::isReady, ready);
          return ready.size() == count;
        },
        () -> "%d claims bound, %d pods ready".formatted(bound.size(), ready.size()));
    assertThat(bound).hasSize(count);
    return new Times(since(created, bound), since(created, ready));
  }

  /** Keeps when a thing was first seen as wanted. */
  private static <T extends HasMetadata> void note(
      List<T> things, Predicate<T> wanted, Map<String, Instant> seen) {
    var now = Instant.now();
    things.stream()
        .filter(wanted)
        .forEach(thing -> seen.putIfAbsent(thing.getMetadata().getName(), now));
  }

  private static List<Double> since(Map<String, Instant> start, Map<String, Instant> end) {
    return end.entrySet().stream()
        .map(it -> Duration.between(start.get(it.getKey()), it.getValue()).toMillis() / 1000.0)
        .sorted()
        .toList();
  }

  private static void add(Table table, String step, List<Double> seconds) {
    table.add(
        step,
        seconds.get(seconds.size() / 2),
        seconds.get(seconds.size() * 95 / 100),
        seconds.getLast());
  }
}
