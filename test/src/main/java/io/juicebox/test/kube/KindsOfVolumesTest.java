package io.juicebox.test.kube;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimTemplate;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimTemplateBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import io.fabric8.kubernetes.api.model.storage.StorageClassBuilder;
import io.juicebox.test.stack.Inventory;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("kube")
@DisplayName("Kinds of volumes")
final class KindsOfVolumesTest {
  private static final String SIZE = "64Mi";
  private static final String STRICT_CLASS = "kinds-strict";
  private static final String READ_ONLY = "Read-only file system";

  private static Cluster cluster;
  private static ClusterInventory inventory;
  private static Inventory before;
  private static Workspace workspace;

  @BeforeAll
  static void start() {
    cluster = new Cluster();
    inventory = new ClusterInventory(cluster);
    before = inventory.read();
    workspace = new Workspace(cluster, "kinds");
  }

  /** Whatever a test has left goes with its namespace. */
  @AfterAll
  static void end() {
    try (var _ = cluster) {
      workspace.close();
      Leftovers.requireNone(inventory, before);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"ReadWriteOnce", "ReadWriteMany"})
  void severalPodsWrite(String mode) {
    var claim = "shared-" + mode.toLowerCase(Locale.ROOT);
    workspace.claim(claim, mode, SIZE);
    var one = workspace.running(Pods.small(claim + "-1", claim));
    var two = workspace.running(Pods.small(claim + "-2", claim));
    one.run("echo 1 > /data/one");
    two.run("echo 2 >> /data/one");
    assertThat(one.run("cat /data/one")).isEqualTo("1\n2");
  }

  @Test
  void readWriteOncePodLetsOnePodIn() {
    workspace.claim("single", "ReadWriteOncePod", SIZE);
    workspace.running(Pods.small("single-1", "single")).run("echo 1 > /data/one");
    workspace.pod(Pods.small("single-2", "single"));
    Expect.within(
        Workspace.BOUND,
        "the scheduler refuses the second pod",
        () -> workspace.events("single-2").contains("ReadWriteOncePod"),
        () -> workspace.events("single-2"));
    workspace.remove("single-1");
    assertThat(workspace.running("single-2").run("cat /data/one")).isEqualTo("1");
  }

  /** The pod need not say so. */
  @Test
  void readOnlyManyCannotBeWritten() {
    workspace.claim("rox", "ReadOnlyMany", SIZE);
    requireReadOnly(workspace.running(Pods.small("rox", "rox")));
    requireReadOnly(workspace.running(Pods.readOnly(Pods.small("rox-reads", "rox"))));
  }

  /** The node's mount has them, and the container runtime's is made from that. */
  @Test
  void mountOptionsHoldInThePod() {
    var classes = cluster.client().storage().v1().storageClasses();
    var strict =
        new StorageClassBuilder(classes.withName(Cluster.STORAGE_CLASS).require())
            .withNewMetadata()
            .withName(STRICT_CLASS)
            .endMetadata()
            .withMountOptions("noexec", "noatime")
            .build();
    var _ = classes.resource(strict).create();
    try {
      workspace.claim("strict", STRICT_CLASS, "ReadWriteMany", SIZE);
      var shell = workspace.running(Pods.small("strict", "strict"));
      assertThat(shell.run("grep ' /data ' /proc/mounts"))
          .contains("noexec", "noatime", "nodev", "nosuid");
      assertThat(shell.attempt("cp /bin/busybox /data/true && /data/true").output())
          .contains("Permission denied");
    } finally {
      var _ = classes.withName(STRICT_CLASS).delete();
    }
  }

  @Test
  void aPodMayWantItReadOnly() {
    workspace.claim("read", "ReadWriteMany", SIZE);
    workspace.running(Pods.small("writer", "read")).run("echo 1 > /data/one");
    var volume = workspace.running(Pods.readOnly(Pods.small("reads-volume", "read")));
    assertThat(volume.run("cat /data/one")).isEqualTo("1");
    requireReadOnly(volume);
    var mount = workspace.running(readOnlyMount(Pods.small("reads-mount", "read")));
    assertThat(mount.run("cat /data/one")).isEqualTo("1");
    requireReadOnly(mount);
  }

  @Test
  void aSubPathShowsItsFolderOnly() {
    workspace.claim("parts", "ReadWriteMany", SIZE);
    var left = workspace.running(Pods.subPath(Pods.small("left", "parts"), "left"));
    var right = workspace.running(Pods.subPath(Pods.small("right", "parts"), "right/deep"));
    left.run("echo left > /data/name");
    right.run("echo right > /data/name");
    var whole = workspace.running(Pods.small("whole", "parts"));
    assertThat(whole.run("cd /data && find . -type f | sort | xargs tail -n 1"))
        .contains("left/name", "right/deep/name");
    assertThat(left.run("ls /data")).isEqualTo("name");
  }

  @Test
  void aStatefulSetHasAVolumeForEachReplica() {
    var set =
        new StatefulSetBuilder()
            .withNewMetadata()
            .withName("set")
            .endMetadata()
            .withNewSpec()
            .withServiceName("set")
            .withReplicas(2)
            .withPodManagementPolicy("Parallel")
            .withNewSelector()
            .addToMatchLabels("app", "set")
            .endSelector()
            .withNewTemplate()
            .withMetadata(new ObjectMetaBuilder().addToLabels("app", "set").build())
            .withSpec(Pods.spec(Cluster.SMALL_IMAGE, "sleep", "infinity"))
            .endTemplate()
            .withVolumeClaimTemplates(
                new PersistentVolumeClaimBuilder()
                    .withNewMetadata()
                    .withName(Pods.VOLUME)
                    .endMetadata()
                    .withSpec(template().getSpec())
                    .build())
            .endSpec()
            .build();
    var _ = cluster.client().resource(set).inNamespace(workspace.name()).create();
    for (var pod : List.of("set-0", "set-1")) {
      workspace.running(pod).run("echo " + pod + " > /data/name");
    }
    var old = workspace.running("set-0").pod().getMetadata().getUid();
    var _ = cluster.client().pods().inNamespace(workspace.name()).withName("set-0").delete();
    Expect.within(
        Workspace.RUNNING,
        "another pod set-0",
        () ->
            workspace
                .find("set-0")
                .filter(pod -> !pod.getMetadata().getUid().equals(old))
                .isPresent());
    assertThat(workspace.running("set-0").run("cat /data/name")).isEqualTo("set-0");
    assertThat(workspace.running("set-1").run("cat /data/name")).isEqualTo("set-1");
  }

  @Test
  void anEphemeralVolumeGoesWithItsPod() {
    var pod =
        new PodBuilder()
            .withNewMetadata()
            .withName("scratch")
            .endMetadata()
            .withNewSpecLike(Pods.spec(Cluster.SMALL_IMAGE, "sleep", "infinity"))
            .addNewVolume()
            .withName(Pods.VOLUME)
            .withNewEphemeral()
            .withVolumeClaimTemplate(template())
            .endEphemeral()
            .endVolume()
            .endSpec()
            .build();
    workspace.running(pod).run("echo 1 > /data/one");
    assertThat(workspace.require("scratch-" + Pods.VOLUME).getStatus().getPhase())
        .isEqualTo("Bound");
    workspace.remove("scratch");
    Expect.within(
        Workspace.BOUND,
        "the claim of the ephemeral volume is gone",
        () ->
            cluster
                    .client()
                    .persistentVolumeClaims()
                    .inNamespace(workspace.name())
                    .withName("scratch-" + Pods.VOLUME)
                    .get()
                == null);
  }

  @Test
  void aVolumeOfOursCanBeHadByAStaticPersistentVolume() {
    workspace.claim("original", "ReadWriteOnce", SIZE);
    workspace.running(Pods.small("original", "original")).run("echo kept > /data/note");
    var volumes = cluster.client().persistentVolumes();
    var name = workspace.require("original").getSpec().getVolumeName();
    var volume = volumes.withName(name).edit(it -> policy(it, "Retain"));
    workspace.remove("original");
    workspace.removeClaim("original");
    Expect.within(
        Workspace.BOUND,
        "the volume is released",
        () -> volumes.withName(name).require().getStatus().getPhase().equals("Released"));
    var _ = volumes.withName(name).delete();

    var _ = cluster.client().resource(statically(volume)).create();
    var claim =
        new PersistentVolumeClaimBuilder()
            .withNewMetadata()
            .withName("static")
            .endMetadata()
            .withNewSpecLike(template().getSpec())
            .withStorageClassName("")
            .withVolumeName("static")
            .endSpec()
            .build();
    var _ = cluster.client().resource(claim).inNamespace(workspace.name()).create();
    var shell = workspace.running(Pods.small("static", "static"));
    assertThat(shell.run("cat /data/note")).isEqualTo("kept");
    volumes.withName("static").edit(it -> policy(it, "Delete"));
  }

  private static void requireReadOnly(Shell shell) {
    var result = shell.attempt("touch /data/x");
    assertThat(result.output()).as("%s", result).contains(READ_ONLY);
  }

  private static PersistentVolumeClaimTemplate template() {
    return new PersistentVolumeClaimTemplateBuilder()
        .withNewSpec()
        .withStorageClassName(Cluster.STORAGE_CLASS)
        .withAccessModes("ReadWriteOnce")
        .withNewResources()
        .withRequests(Map.of("storage", new Quantity(SIZE)))
        .endResources()
        .endSpec()
        .build();
  }

  private static PersistentVolume policy(PersistentVolume volume, String policy) {
    return new PersistentVolumeBuilder(volume)
        .editSpec()
        .withPersistentVolumeReclaimPolicy(policy)
        .endSpec()
        .build();
  }

  /** As a person writes it: the handle, the attributes and the secret of the volume, no more. */
  private static PersistentVolume statically(PersistentVolume volume) {
    var csi = volume.getSpec().getCsi();
    return new PersistentVolumeBuilder()
        .withNewMetadata()
        .withName("static")
        .addToAnnotations("pv.kubernetes.io/provisioned-by", Cluster.DRIVER)
        .endMetadata()
        .withNewSpec()
        .withCapacity(volume.getSpec().getCapacity())
        .withAccessModes("ReadWriteOnce")
        .withPersistentVolumeReclaimPolicy("Retain")
        .withNewCsi()
        .withDriver(csi.getDriver())
        .withVolumeHandle(csi.getVolumeHandle())
        .withVolumeAttributes(csi.getVolumeAttributes())
        .withNodePublishSecretRef(csi.getNodePublishSecretRef())
        .endCsi()
        .endSpec()
        .build();
  }

  private static Pod readOnlyMount(Pod pod) {
    return new PodBuilder(pod)
        .editSpec()
        .editFirstContainer()
        .editFirstVolumeMount()
        .withReadOnly(true)
        .endVolumeMount()
        .endContainer()
        .endSpec()
        .build();
  }
}
