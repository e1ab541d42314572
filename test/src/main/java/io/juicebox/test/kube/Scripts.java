package io.juicebox.test.kube;

import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.stream.Stream;

/**
 * The application scripts of {@code test/posix} and {@code test/kube}, at {@code /scripts} of a
 * pod.
 */
final class Scripts {
  private static final String NAME = "scripts";

  private Scripts() {}

  /** Gives a workspace the scripts, before pods want them. */
  static void put(Cluster cluster, Workspace workspace) {
    var files = new HashMap<String, String>();
    for (var folder : new String[] {"test/posix", "test/kube"}) {
      try (Stream<Path> scripts = Files.list(cluster.repository().resolve(folder))) {
        for (var script : scripts.filter(file -> file.toString().endsWith(".py")).toList()) {
          files.put(script.getFileName().toString(), Files.readString(script));
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    var map = new ConfigMapBuilder().withNewMetadata().withName(NAME).endMetadata().withData(files);
    var _ = cluster.client().resource(map.build()).inNamespace(workspace.name()).create();
  }

  /** The same pod with the scripts. */
  static Pod with(Pod pod) {
    return new PodBuilder(pod)
        .editSpec()
        .addNewVolume()
        .withName(NAME)
        .withNewConfigMap()
        .withName(NAME)
        .endConfigMap()
        .endVolume()
        .editFirstContainer()
        .addNewVolumeMount()
        .withName(NAME)
        .withMountPath("/scripts")
        .endVolumeMount()
        .endContainer()
        .endSpec()
        .build();
  }
}
