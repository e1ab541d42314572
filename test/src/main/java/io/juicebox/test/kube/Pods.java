package io.juicebox.test.kube;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import java.util.List;

/**
 * Pods as PodSecurity "restricted" demands them: uid 1000, an fsGroup, no privilege. The volume is
 * at {@code /data}.
 */
final class Pods {
  static final String VOLUME = "work";
  static final String FOLDER = "/data";
  static final long GROUP = 2000;

  private static final String[] SLEEP = {"sleep", "infinity"};

  private Pods() {}

  /** A pod that does nothing with a claim's volume until it is told by {@link Shell}. */
  static Pod idle(String name, String claim) {
    return of(name, claim, Cluster.WORKLOAD_IMAGE, SLEEP).build();
  }

  /** The same with the small image. */
  static Pod small(String name, String claim) {
    return of(name, claim, Cluster.SMALL_IMAGE, SLEEP).build();
  }

  /** The same pod with its service account's token, which pods have unless they say otherwise. */
  static Pod withToken(Pod pod) {
    return new PodBuilder(pod).editSpec().withAutomountServiceAccountToken(true).endSpec().build();
  }

  /** The same pod as one that says nothing of its rights: root, with what the runtime gives it. */
  static Pod asRoot(Pod pod) {
    return new PodBuilder(pod)
        .editSpec()
        .withSecurityContext(null)
        .editFirstContainer()
        .withSecurityContext(null)
        .endContainer()
        .endSpec()
        .build();
  }

  /** The same pod with a claim that it may only read. */
  static Pod readOnly(Pod pod) {
    return new PodBuilder(pod)
        .editSpec()
        .editFirstVolume()
        .editPersistentVolumeClaim()
        .withReadOnly(true)
        .endPersistentVolumeClaim()
        .endVolume()
        .endSpec()
        .build();
  }

  /** The same pod with a folder of the volume only. */
  static Pod subPath(Pod pod, String path) {
    return new PodBuilder(pod)
        .editSpec()
        .editFirstContainer()
        .editFirstVolumeMount()
        .withSubPath(path)
        .endVolumeMount()
        .endContainer()
        .endSpec()
        .build();
  }

  static PodBuilder of(String name, String claim, String image, String... command) {
    return new PodBuilder()
        .withNewMetadata()
        .withName(name)
        .endMetadata()
        .withSpec(
            new PodSpecBuilder(spec(image, command))
                .addNewVolume()
                .withName(VOLUME)
                .withNewPersistentVolumeClaim()
                .withClaimName(claim)
                .endPersistentVolumeClaim()
                .endVolume()
                .build());
  }

  /** The pod's spec without the volume. */
  static PodSpec spec(String image, String... command) {
    return new PodSpecBuilder()
        .withTerminationGracePeriodSeconds(1L)
        .withAutomountServiceAccountToken(false)
        .withNewSecurityContext()
        .withRunAsUser(1000L)
        .withRunAsGroup(1000L)
        .withFsGroup(GROUP)
        .withRunAsNonRoot(true)
        .withNewSeccompProfile()
        .withType("RuntimeDefault")
        .endSeccompProfile()
        .endSecurityContext()
        .addNewContainer()
        .withName("main")
        .withImage(image)
        .withImagePullPolicy("Never")
        .withCommand(List.of(command))
        .withNewSecurityContext()
        .withAllowPrivilegeEscalation(false)
        .withReadOnlyRootFilesystem(false)
        .withNewCapabilities()
        .withDrop("ALL")
        .endCapabilities()
        .endSecurityContext()
        .addNewVolumeMount()
        .withName(VOLUME)
        .withMountPath(FOLDER)
        .endVolumeMount()
        .endContainer()
        .build();
  }
}
