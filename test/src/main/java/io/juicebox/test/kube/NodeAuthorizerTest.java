package io.juicebox.test.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenRequest;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.juicebox.test.isolation.Marker;
import io.juicebox.test.stack.Inventory;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * With the key of a kubelet, who may read the keys of a volume: the node that has a pod with it, as
 * long as it has. The API server decides it by authorization mode Node and admission plugin
 * NodeRestriction; the driver's part is that each volume has a Secret of its own, which only its
 * PersistentVolume names.
 */
@Tag("kube")
@DisplayName("Who may read a volume's keys")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class NodeAuthorizerTest {
  private static final String CLAIM = "keys";
  private static final String USER = "user";

  /** The authorizer learns of pods by a watch. */
  private static final Duration LEARNT = Duration.ofSeconds(30);

  private static final int FORBIDDEN = 403;

  private static Cluster cluster;
  private static ClusterInventory inventory;
  private static Inventory before;
  private static Workspace workspace;
  private static KubernetesClient node;
  private static KubernetesClient otherNode;
  private static String secret;

  @BeforeAll
  static void start() {
    cluster = new Cluster();
    inventory = new ClusterInventory(cluster);
    before = inventory.read();
    workspace = new Workspace(cluster, "authorizer");
    node = cluster.as("kubelet");
    otherNode = cluster.as("other-kubelet");
    var _ = workspace.claim(CLAIM, "ReadWriteOnce", "64Mi");
    secret = workspace.bound(CLAIM).getSpec().getCsi().getNodePublishSecretRef().getName();
  }

  @AfterAll
  static void end() {
    try (var _ = cluster;
        var _ = node;
        var _ = otherNode) {
      workspace.close();
      Leftovers.requireNone(inventory, before);
    }
  }

  @Test
  @Order(1)
  void noNodeWithoutAPod() {
    refused(() -> read(node));
    refused(() -> read(otherNode));
  }

  @Test
  @Order(2)
  void theNodeThatHasThePodAndNoOther() {
    var _ = workspace.running(Pods.small(USER, CLAIM));
    assertThat(read(node)).isNotEmpty();
    refused(() -> read(otherNode));
  }

  @Test
  @Order(3)
  void noNodeListsThem() {
    for (var client : List.of(node, otherNode)) {
      refused(() -> client.secrets().inNamespace(Cluster.DRIVER_NAMESPACE).list());
      refused(() -> client.secrets().inAnyNamespace().list());
    }
  }

  /** The node that the controller runs on has them: of this cluster's nodes the only one. */
  @Test
  @Order(4)
  void noOtherNodeReadsTheControllersKeys() {
    refused(() -> read(otherNode, "juicebox-backend"));
    assertThat(read(node, "juicebox-backend")).isNotEmpty();
  }

  /** Nor any log of the driver's pods, nor what the API server notes of each call. */
  @Test
  @Order(5)
  void noOtherObjectHasThem() throws IOException {
    var markers = new ArrayList<Marker>();
    for (var keys :
        List.of(BackendSecret.ofVolume(cluster, secret), BackendSecret.administrator(cluster))) {
      keys.secrets().forEach(key -> markers.add(Marker.of("a key of " + keys, key)));
    }
    var places = new TreeMap<String, String>();
    cluster
        .kubectl("api-resources", "--verbs=list", "--output=name")
        .lines()
        .filter(kind -> !kind.equals("secrets"))
        .forEach(kind -> places.put(kind, cluster.kubectl("get", kind, "-A", "-o", "yaml")));
    cluster
        .client()
        .pods()
        .inNamespace(Cluster.DRIVER_NAMESPACE)
        .list()
        .getItems()
        .forEach(pod -> places.put("the log of " + pod.getMetadata().getName(), logs(pod)));
    places.put("the audit log", Files.readString(cluster.auditLog()));

    assertThat(places.get("persistentvolumes")).contains(secret); // we do look
    assertThat(places.get("the audit log")).contains(secret);
    places.forEach((place, text) ->
        assertThat(markers).as("found in %s", place).noneMatch(marker -> marker.isIn(text)));
  }

  private static String logs(Pod pod) {
    return cluster.kubectl(
        "logs",
        "-n",
        Cluster.DRIVER_NAMESPACE,
        pod.getMetadata().getName(),
        "--all-containers",
        "--prefix");
  }

  /** A node may make the pods of its own manifests known to the API server. */
  @Test
  @Order(6)
  void aPodThatANodeMakesUpGivesItNothing() {
    refused(() -> make("other", "kubernetes.io/config.mirror"));
    refused(() -> make("other", "none"));
    refused(() -> make(Cluster.NODE, "kubernetes.io/config.mirror"));
    refused(() -> read(otherNode));
  }

  private static void make(String nodeName, String annotation) {
    var pod =
        new PodBuilder(Pods.small("made-up", CLAIM))
            .editMetadata()
            .addToAnnotations(annotation, "x")
            .endMetadata()
            .editSpec()
            .withNodeName(nodeName)
            .endSpec()
            .build();
    var _ = otherNode.resource(pod).inNamespace(workspace.name()).create();
  }

  /** A kubelet may ask for tokens of the accounts of its own pods. */
  @ParameterizedTest
  @ValueSource(strings = {"juicebox-controller", "juicebox-node", "default"})
  @Order(7)
  void noTokenOfTheDriverIsForAnotherNode(String account) {
    refused(() ->
        otherNode
            .serviceAccounts()
            .inNamespace(Cluster.DRIVER_NAMESPACE)
            .withName(account)
            .tokenRequest(new TokenRequest()));
  }

  @Test
  @Order(8)
  void afterThePodNobody() {
    workspace.remove(USER);
    Expect.within(LEARNT, "the node may read the keys no more", () -> isRefused(() -> read(node)));
    refused(() -> read(otherNode));
  }

  /** What everybody may: ask who one is and what one may, and what the API server is. */
  @ParameterizedTest
  @ValueSource(strings = {"juicebox", "kube-system", "default"})
  @Order(8)
  void theNodesAccountMayNothing(String namespace) {
    var rights =
        cluster.kubectl(
            "auth",
            "can-i",
            "--list",
            "--no-headers",
            "-n",
            namespace,
            "--as=system:serviceaccount:juicebox:juicebox-node");
    assertThat(rights.lines().map(String::strip).filter(line -> !line.startsWith("[")))
        .allMatch(line -> line.startsWith("selfsubject"))
        .hasSize(3);
    assertThat(rights.lines().map(String::strip).filter(line -> line.startsWith("[")))
        .isNotEmpty()
        .allMatch(line -> line.endsWith("[get]"));
  }

  @ParameterizedTest
  @ValueSource(strings = {DriverPods.PLUGIN, DriverPods.MOUNTS})
  @Order(9)
  void thePodsOfTheNodeHaveNoToken(String part) {
    var pods = cluster.driverPods(part).list().getItems();
    assertThat(pods).isNotEmpty();
    for (var pod : pods) {
      assertThat(pod.getSpec().getServiceAccountName()).isEqualTo("juicebox-node");
      assertThat(pod.getSpec().getVolumes()).allMatch(volume -> volume.getHostPath() != null);
    }
  }

  private static Map<String, String> read(KubernetesClient client) {
    return read(client, secret);
  }

  private static Map<String, String> read(KubernetesClient client, String name) {
    var found = client.secrets().inNamespace(Cluster.DRIVER_NAMESPACE).withName(name).get();
    return Objects.requireNonNull(found, name).getData();
  }

  private static void refused(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            KubernetesClientException.class, e -> assertThat(e.getCode()).isEqualTo(FORBIDDEN));
  }

  private static boolean isRefused(Runnable call) {
    try {
      call.run();
      return false;
    } catch (KubernetesClientException e) {
      return e.getCode() == FORBIDDEN;
    }
  }
}
