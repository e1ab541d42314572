package io.juicebox.test.kube;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceBuilder;
import io.fabric8.kubernetes.api.model.TypedLocalObjectReference;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** The snapshots of a workspace, as its team makes them: by the API, with the driver's class. */
final class Snapshots {
  private static final String GROUP = "snapshot.storage.k8s.io";
  private static final String VERSION = GROUP + "/v1";
  private static final String KIND = "VolumeSnapshot";
  private static final String CLASS = "juicebox";

  private static final Duration READY = Duration.ofMinutes(2);

  /** A snapshot that was used may have to wait for a look of csi-provisioner at it. */
  private static final Duration REMOVED = Duration.ofMinutes(2);

  private final KubernetesClient client;
  private final Workspace workspace;

  Snapshots(Cluster cluster, Workspace workspace) {
    this.client = cluster.client();
    this.workspace = workspace;
  }

  /** Takes a snapshot of a claim's volume and waits until it is ready to use. */
  void take(String name, String claim) {
    var snapshot =
        new GenericKubernetesResourceBuilder()
            .withApiVersion(VERSION)
            .withKind(KIND)
            .withNewMetadata()
            .withName(name)
            .endMetadata()
            .addToAdditionalProperties(
                "spec",
                Map.of(
                    "volumeSnapshotClassName",
                    CLASS,
                    "source",
                    Map.of("persistentVolumeClaimName", claim)))
            .build();
    var _ = client.resource(snapshot).inNamespace(workspace.name()).create();
    Expect.within(
        READY,
        "snapshot " + name + " is ready",
        () -> Boolean.TRUE.equals(of(name).require().<Boolean>get("status", "readyToUse")),
        () -> of(name).get() + workspace.events(name));
  }

  /** What a status says of its size, as Kubernetes writes sizes. */
  String restoreSize(String name) {
    return of(name).require().get("status", "restoreSize");
  }

  /** Deletes a snapshot and waits until it is gone. */
  void remove(String name) {
    var _ = of(name).delete();
    Expect.within(
        REMOVED,
        "snapshot " + name + " is gone",
        () -> of(name).get() == null,
        () -> of(name).get() + workspace.events(name));
  }

  /** For claims: what they are to be made from. */
  static TypedLocalObjectReference source(String name) {
    return new TypedLocalObjectReference(GROUP, KIND, name);
  }

  /** What stands behind all snapshots of the driver, in whatever namespace these are. */
  static List<GenericKubernetesResource> contents(KubernetesClient client) {
    return client
        .genericKubernetesResources(VERSION, "VolumeSnapshotContent")
        .list()
        .getItems()
        .stream()
        .filter(content -> Cluster.DRIVER.equals(content.get("spec", "driver")))
        .toList();
  }

  private Resource<GenericKubernetesResource> of(String name) {
    return client
        .genericKubernetesResources(VERSION, KIND)
        .inNamespace(workspace.name())
        .withName(name);
  }
}
