package io.juicebox.controller.kube;

import static io.juicebox.controller.kube.TestingApi.STARTUP;
import static io.juicebox.controller.kube.TestingApi.taint;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Against the API server of test/kube, with the rights that the package says and no others. */
@Tag("kube")
class StartupTaintTest {
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final Duration NEVER = Duration.ofDays(1);
  private static final String OTHER = "other.example/not-ready=x:NoExecute";

  private final List<StartupTaint> replicas = new ArrayList<>();
  private TestingApi api;
  private LogLines log;

  @BeforeEach
  void open() {
    api = new TestingApi();
    log = new LogLines();
  }

  @AfterEach
  void close() {
    replicas.forEach(StartupTaint::close);
    log.close();
    api.close();
  }

  @Test
  void taintGoesWhenTheDriverComesAndAllOthersStay() {
    String node =
        api.node(
            "fresh",
            taint("other.example/not-ready", "x", "NoExecute"),
            taint(Taints.KEY, "", "NoSchedule"),
            STARTUP,
            taint("last", "", "PreferNoSchedule"));
    replica(NEVER);
    awaitFirstLook();
    api.register(node, "ebs.csi.aws.com");
    assertThat(api.taints(node)).hasSize(4);

    api.register(node, CsiNodes.DRIVER);
    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(api.taints(node))
                .containsExactly(
                    OTHER, Taints.KEY + "=null:NoSchedule", "last=null:PreferNoSchedule"));
    await()
        .atMost(SOON)
        .untilAsserted(
            () -> assertThat(log.lines()).filteredOn(line -> line.contains(node)).hasSize(1));
  }

  @Test
  void taintFromBeforeTheStartIsFound() {
    String ready = api.node("ready", STARTUP);
    String waiting = api.node("waiting", STARTUP);
    api.register(ready, CsiNodes.DRIVER);
    replica(NEVER);
    awaitUntainted(ready);
    assertThat(api.taints(waiting)).hasSize(1);
  }

  @Test
  void taintThatComesLaterIsFoundByTheNextLook() {
    String node = api.node("later");
    api.register(node, CsiNodes.DRIVER);
    replica(Duration.ofSeconds(2));
    awaitFirstLook();
    api.setTaints(node, STARTUP);
    awaitUntainted(node);
  }

  @Test
  void replicasAtOnceDoNoHarm() {
    var names =
        IntStream.range(0, 30)
            .mapToObj(i ->
                api.node("many" + i, STARTUP, taint("other.example/not-ready", "x", "NoExecute")))
            .toList();
    for (int i = 0; i < 3; i++) {
      replica(NEVER);
    }
    names.parallelStream().forEach(name -> api.register(name, CsiNodes.DRIVER));
    for (String name : names) {
      await().atMost(SOON).untilAsserted(() -> assertThat(api.taints(name)).containsExactly(OTHER));
    }
    assertThat(log.lines()).noneMatch(line -> line.startsWith("WARN"));
  }

  @Test
  void taintsThatOthersChangeMeanwhileAreTheirs() {
    String node = api.node("busy", STARTUP);
    replica(Duration.ofMillis(1));
    api.register(node, CsiNodes.DRIVER);
    for (int i = 0; i < 20; i++) {
      api.setTaints(node, taint("mine-" + i, "", "NoSchedule"), STARTUP);
    }
    awaitUntainted(node);
    assertThat(api.taints(node)).containsExactly("mine-19=null:NoSchedule");
  }

  @Test
  void anApiServerThatComesBackIsWatchedOn() {
    String before = api.node("before", STARTUP);
    String after = api.node("after", STARTUP);
    replica(Duration.ofSeconds(2));
    awaitFirstLook();
    TestingApi.killApiServer();
    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(log.lines()).anyMatch(line -> line.contains("taints can't be removed")));
    TestingApi.startApiServer();
    api.register(after, CsiNodes.DRIVER);
    await().atMost(Duration.ofSeconds(30)).until(() -> api.taints(after).isEmpty());
    assertThat(api.taints(before)).hasSize(1);
    assertThat(log.lines()).filteredOn(line -> line.startsWith("WARN")).hasSizeLessThanOrEqualTo(4);
  }

  @Test
  void withoutRightsItSaysWhichAndWorksOnceItHasThem() {
    String node = api.node("denied", STARTUP);
    api.register(node, CsiNodes.DRIVER);
    var replica = new StartupTaint(api.stranger(), NEVER);
    replicas.add(replica);
    replica.start();
    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(log.lines())
                .singleElement()
                .asString()
                .startsWith("WARN where the driver runs can't be learned")
                .contains("cannot list resource \"csinodes\"", api.name("user")));
    api.grant();
    awaitUntainted(node);
    await()
        .atMost(SOON)
        .untilAsserted(
            () -> assertThat(log.lines()).hasSize(3).anyMatch(line -> line.endsWith("no more")));
  }

  private void replica(Duration period) {
    if (replicas.isEmpty()) {
      api.grant();
    }
    KubernetesClient client = api.stranger();
    var replica = new StartupTaint(client, period);
    replicas.add(replica);
    replica.start();
  }

  /** What happens from now on is seen by the watch or by a later look. */
  private void awaitFirstLook() {
    String first = api.node("first", STARTUP);
    api.register(first, CsiNodes.DRIVER);
    awaitUntainted(first);
  }

  private void awaitUntainted(String node) {
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() ->
            assertThat(api.taints(node)).doesNotContain(Taints.KEY + "=null:" + Taints.EFFECT));
  }
}
