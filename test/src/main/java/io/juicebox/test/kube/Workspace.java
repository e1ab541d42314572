package io.juicebox.test.kube;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.TypedLocalObjectReference;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.readiness.Readiness;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** A namespace as a team has it that uses the driver. It is removed with all that is in it. */
final class Workspace implements AutoCloseable {
  static final Duration BOUND = Duration.ofMinutes(3);
  static final Duration RUNNING = Duration.ofMinutes(3);

  /** The bound for a pod that was deleted. */
  static final Duration TERMINATED = Duration.ofSeconds(60);

  private static final Duration REMOVED = Duration.ofMinutes(3);

  private final KubernetesClient client;
  private final String name;

  /** One under PodSecurity "restricted". */
  Workspace(Cluster cluster, String name) {
    this(cluster, name, "restricted");
  }

  /**
   * One of another kind.
   *
   * @param level of PodSecurity
   */
  Workspace(Cluster cluster, String name, String level) {
    this.client = cluster.client();
    this.name = name;
    client
        .resource(
            new NamespaceBuilder()
                .withNewMetadata()
                .withName(name)
                .addToLabels("pod-security.kubernetes.io/enforce", level)
                .endMetadata()
                .build())
        .create();
    Expect.within(
        BOUND,
        "namespace " + name + " has its service account",
        () -> client.serviceAccounts().inNamespace(name).withName("default").get() != null);
  }

  String name() {
    return name;
  }

  /** Makes a claim for a volume of the driver's StorageClass; does not wait for it. */
  PersistentVolumeClaim claim(String claim, String mode, String size) {
    return claim(claim, Cluster.STORAGE_CLASS, mode, size);
  }

  /** Makes a claim for a volume of another StorageClass. */
  PersistentVolumeClaim claim(String claim, String storageClass, String mode, String size) {
    return make(described(claim, storageClass, mode, size));
  }

  /**
   * Makes a claim for a copy, of the driver's StorageClass; does not wait for it.
   *
   * @param source a snapshot or another claim
   */
  PersistentVolumeClaim copy(String claim, TypedLocalObjectReference source, String size) {
    return make(
        described(claim, Cluster.STORAGE_CLASS, "ReadWriteMany", size)
            .editSpec()
            .withDataSource(source)
            .endSpec());
  }

  private PersistentVolumeClaim make(PersistentVolumeClaimBuilder claim) {
    return client.resource(claim.build()).inNamespace(name).create();
  }

  private static PersistentVolumeClaimBuilder described(
      String claim, String storageClass, String mode, String size) {
    return new PersistentVolumeClaimBuilder()
        .withNewMetadata()
        .withName(claim)
        .endMetadata()
        .withNewSpec()
        .withStorageClassName(storageClass)
        .withAccessModes(mode)
        .withNewResources()
        .withRequests(Map.of("storage", new Quantity(size)))
        .endResources()
        .endSpec();
  }

  /** Waits until a claim is bound and returns its volume. */
  PersistentVolume bound(String claim) {
    Expect.within(
        BOUND,
        "claim " + claim + " is bound",
        () -> "Bound".equals(require(claim).getStatus().getPhase()),
        () -> events(claim));
    return client.persistentVolumes().withName(require(claim).getSpec().getVolumeName()).require();
  }

  PersistentVolumeClaim require(String claim) {
    return client.persistentVolumeClaims().inNamespace(name).withName(claim).require();
  }

  List<PersistentVolumeClaim> claims() {
    return client.persistentVolumeClaims().inNamespace(name).list().getItems();
  }

  List<Pod> pods() {
    return client.pods().inNamespace(name).list().getItems();
  }

  /** Asks for more. */
  void expand(String claim, String size) {
    client
        .persistentVolumeClaims()
        .inNamespace(name)
        .withName(claim)
        .edit(it ->
            new PersistentVolumeClaimBuilder(it)
                .editSpec()
                .editResources()
                .addToRequests("storage", new Quantity(size))
                .endResources()
                .endSpec()
                .build());
  }

  /** Makes a pod; does not wait for it. */
  Pod pod(Pod pod) {
    return client.resource(pod).inNamespace(name).create();
  }

  /** Makes a pod and waits until it is ready. */
  Shell running(Pod pod) {
    var made = pod(pod);
    return running(made.getMetadata().getName());
  }

  /** Waits until a pod is ready. */
  Shell running(String pod) {
    Expect.within(
        RUNNING, "pod " + pod + " is ready", () -> isReady(pod), () -> events(pod) + claimPhases());
    return new Shell(client, find(pod).orElseThrow());
  }

  Optional<Pod> find(String pod) {
    return Optional.ofNullable(client.pods().inNamespace(name).withName(pod).get());
  }

  private boolean isReady(String pod) {
    return find(pod).filter(Readiness.getInstance()::isReady).isPresent();
  }

  /** Deletes a pod, and fails when it is there longer than {@link #TERMINATED}. */
  void remove(String pod) {
    var _ = client.pods().inNamespace(name).withName(pod).delete();
    awaitGone(pod);
  }

  /** Deletes a pod as one does whose node seems dead; the kubelet is not waited for. */
  void removeByForce(String pod) {
    var _ = client.pods().inNamespace(name).withName(pod).withGracePeriod(0).delete();
  }

  void awaitGone(String pod) {
    Expect.within(
        TERMINATED, "pod " + pod + " is gone", () -> find(pod).isEmpty(), () -> events(pod));
  }

  void removeClaim(String claim) {
    var _ = client.persistentVolumeClaims().inNamespace(name).withName(claim).delete();
  }

  private String claimPhases() {
    return claims().stream()
        .map(claim -> claim.getMetadata().getName() + " is " + claim.getStatus().getPhase())
        .collect(Collectors.joining("\n", "\n", ""));
  }

  /** What happened to a thing, one line for each event. */
  String events(String thing) {
    return events(client, name).stream()
        .filter(event -> event.startsWith(thing + " "))
        .collect(Collectors.joining("\n", "\n", ""));
  }

  /** All events of a namespace: the thing, the reason, the message. */
  static List<String> events(KubernetesClient client, String namespace) {
    return client.v1().events().inNamespace(namespace).list().getItems().stream()
        .map(event ->
            event.getInvolvedObject().getName()
                + " "
                + event.getReason()
                + ": "
                + event.getMessage())
        .toList();
  }

  @Override
  public void close() {
    var _ = client.namespaces().withName(name).delete();
    Expect.within(
        REMOVED,
        "namespace " + name + " is gone",
        () -> client.namespaces().withName(name).get() == null);
  }
}
