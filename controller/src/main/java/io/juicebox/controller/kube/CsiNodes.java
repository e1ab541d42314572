package io.juicebox.controller.kube;

import io.fabric8.kubernetes.api.model.storage.CSINode;
import io.fabric8.kubernetes.api.model.storage.CSINodeBuilder;
import io.fabric8.kubernetes.client.informers.cache.ItemStore;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What an informer keeps of each CSINode: its name, its version and whether it lists our driver.
 * Thousands of whole ones would take tens of megabytes.
 */
final class CsiNodes implements ItemStore<CSINode> {
  static final String DRIVER = "csi.juicebox.io";

  private record Kept(String version, boolean ours) {}

  private final Map<String, Kept> nodes = new ConcurrentHashMap<>();

  /** Whether the driver is registered with the kubelet of that node. */
  static boolean listsDriver(CSINode node) {
    // where there is no driver at all the API server says null and not []
    return node.getSpec() != null
        && node.getSpec().getDrivers() != null
        && node.getSpec().getDrivers().stream().anyMatch(it -> DRIVER.equals(it.getName()));
  }

  /** The same for one that the store knows. */
  boolean haveDriver(String name) {
    Kept kept = nodes.get(name);
    return kept != null && kept.ours();
  }

  @Override
  public String getKey(CSINode node) {
    return node.getMetadata().getName();
  }

  @Override
  public @Nullable CSINode put(String key, CSINode node) {
    var kept = new Kept(node.getMetadata().getResourceVersion(), listsDriver(node));
    return restored(key, nodes.put(key, kept));
  }

  @Override
  public @Nullable CSINode remove(String key) {
    return restored(key, nodes.remove(key));
  }

  @Override
  public Stream<String> keySet() {
    return nodes.keySet().stream();
  }

  @Override
  public Stream<CSINode> values() {
    return nodes.entrySet().stream().map(node -> restored(node.getKey(), node.getValue()));
  }

  @Override
  public int size() {
    return nodes.size();
  }

  @Override
  public @Nullable CSINode get(String key) {
    return restored(key, nodes.get(key));
  }

  private static @Nullable CSINode restored(String name, @Nullable Kept kept) {
    if (kept == null) {
      return null;
    }
    var node =
        new CSINodeBuilder()
            .withNewMetadata()
            .withName(name)
            .withResourceVersion(kept.version())
            .endMetadata()
            .withNewSpec()
            .endSpec();
    return (kept.ours()
            ? node.editSpec().addNewDriver().withName(DRIVER).endDriver().endSpec()
            : node)
        .build();
  }
}
