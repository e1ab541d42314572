package io.juicebox.controller.kube;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Taint;
import io.fabric8.kubernetes.api.model.TaintBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBindingBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBuilder;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.PolicyRuleBuilder;
import io.fabric8.kubernetes.api.model.storage.CSINodeBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.juicebox.test.server.Command;
import io.juicebox.test.server.Tools;
import java.io.File;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The API server of test/kube, which KUBECONFIG names: objects for one test, and the clients of
 * controllers with just the rights that the package says.
 */
final class TestingApi implements AutoCloseable {
  static final List<PolicyRule> RIGHTS =
      List.of(
          rule("storage.k8s.io", "csinodes", "list", "watch"),
          rule("", "nodes", "get", "list", "patch"),
          rule("", "events", "create", "patch"),
          rule("", "secrets", "create", "get", "update", "delete"));

  static final Taint STARTUP = taint(Taints.KEY, "", Taints.EFFECT);
  private static final Duration SCRIPT = Duration.ofMinutes(2);
  private static final AtomicInteger NUMBER = new AtomicInteger();

  /** Of the test: it has all rights. */
  final KubernetesClient admin = Cluster.client(config());

  private final String mark =
      "t%d-%d".formatted(ProcessHandle.current().pid(), NUMBER.incrementAndGet());
  private final Deque<Runnable> cleanups = new ArrayDeque<>();

  private static Config config() {
    String file = System.getenv("KUBECONFIG");
    if (file == null) {
      throw new IllegalStateException(
          "KUBECONFIG is not set: eval \"$(test/kube/up.sh | tail -1)\"");
    }
    return new ConfigBuilder(Config.fromKubeconfig(new File(file)))
        .withClientKeyAlgo("EC") // the client takes keys for RSA's unless told
        .build();
  }

  /** A name that no other test has. */
  String name(String what) {
    return what + "-" + mark;
  }

  /** A client of somebody who has no rights yet. */
  KubernetesClient stranger() {
    var client =
        Cluster.client(new ConfigBuilder(config()).withImpersonateUsername(name("user")).build());
    cleanups.push(client::close);
    return client;
  }

  /** Gives the strangers of this test the controller's rights. */
  void grant() {
    var role =
        new ClusterRoleBuilder()
            .withNewMetadata()
            .withName(name("role"))
            .endMetadata()
            .withRules(RIGHTS)
            .build();
    admin.rbac().clusterRoles().resource(role).create();
    cleanups.push(() -> admin.rbac().clusterRoles().withName(name("role")).delete());
    var binding =
        new ClusterRoleBindingBuilder()
            .withNewMetadata()
            .withName(name("role"))
            .endMetadata()
            .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", name("role"))
            .addNewSubject("rbac.authorization.k8s.io", "User", name("user"), null)
            .build();
    admin.rbac().clusterRoleBindings().resource(binding).create();
    cleanups.push(() -> admin.rbac().clusterRoleBindings().withName(name("role")).delete());
  }

  private static PolicyRule rule(String group, String resource, String... verbs) {
    return new PolicyRuleBuilder()
        .withApiGroups(group)
        .withResources(resource)
        .withVerbs(verbs)
        .build();
  }

  static Taint taint(String key, String value, String effect) {
    return new TaintBuilder().withKey(key).withValue(value).withEffect(effect).build();
  }

  /** A node that no kubelet stands for, and its CSINode without a driver. */
  String node(String what, Taint... taints) {
    String name = name(what);
    admin
        .nodes()
        .resource(
            new NodeBuilder()
                .withNewMetadata()
                .withName(name)
                .endMetadata()
                .withNewSpec()
                .withTaints(taints)
                .endSpec()
                .build())
        .create();
    cleanups.push(() -> admin.nodes().withName(name).delete());
    admin
        .storage()
        .v1()
        .csiNodes()
        .resource(
            new CSINodeBuilder()
                .withNewMetadata()
                .withName(name)
                .endMetadata()
                .withNewSpec()
                .endSpec()
                .build())
        .create();
    cleanups.push(() -> admin.storage().v1().csiNodes().withName(name).delete());
    return name;
  }

  /** What the kubelet does once a driver has registered itself. */
  void register(String node, String driver) {
    admin
        .storage()
        .v1()
        .csiNodes()
        .withName(node)
        .edit(csi ->
            new CSINodeBuilder(csi)
                .editSpec()
                .addNewDriver()
                .withName(driver)
                .withNodeID(node)
                .endDriver()
                .endSpec()
                .build());
  }

  /** Puts these in place of all taints of a node. */
  void setTaints(String node, Taint... taints) {
    admin
        .nodes()
        .withName(node)
        .patch(
            PatchContext.of(PatchType.JSON_MERGE),
            admin
                .getKubernetesSerialization()
                .asJson(Map.of("spec", Map.of("taints", List.of(taints)))));
  }

  /** A node's taints of ours and of the test, not those that the node controller sets. */
  List<String> taints(String node) {
    return admin.nodes().withName(node).get().getSpec().getTaints().stream()
        .filter(taint -> !taint.getKey().startsWith("node.kubernetes.io/"))
        .map(taint -> "%s=%s:%s".formatted(taint.getKey(), taint.getValue(), taint.getEffect()))
        .toList();
  }

  String namespace() {
    String name = name("ns");
    admin
        .namespaces()
        .resource(new NamespaceBuilder().withNewMetadata().withName(name).endMetadata().build())
        .create();
    cleanups.push(() -> admin.namespaces().withName(name).delete());
    return name;
  }

  PersistentVolumeClaim claim(String namespace, String name) {
    return admin
        .persistentVolumeClaims()
        .inNamespace(namespace)
        .resource(
            new PersistentVolumeClaimBuilder()
                .withNewMetadata()
                .withName(name)
                .endMetadata()
                .withNewSpec()
                .withAccessModes("ReadWriteOnce")
                .withStorageClassName("none")
                .withNewResources()
                .withRequests(Map.of("storage", new Quantity("1Gi")))
                .endResources()
                .endSpec()
                .build())
        .create();
  }

  /** What kubectl prints. */
  static String kubectl(String... arguments) {
    return run(Tools.program("kubectl"), arguments);
  }

  /** The API server is gone when this returns. */
  static void killApiServer() {
    run(script("kill.sh"), "apiserver");
  }

  /** Until it works again. */
  static void startApiServer() {
    run(script("up.sh"));
  }

  private static Path script(String name) {
    return Tools.repository().orElseThrow().resolve("test/kube").resolve(name);
  }

  private static String run(Path program, String... arguments) {
    var command = new ArrayList<>(List.of(program.toString()));
    command.addAll(Arrays.asList(arguments));
    return Command.run(SCRIPT, command);
  }

  @Override
  public void close() {
    cleanups.forEach(Runnable::run);
    admin.close();
  }
}
