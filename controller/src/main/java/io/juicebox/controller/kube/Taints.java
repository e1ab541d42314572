package io.juicebox.controller.kube;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Taint;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The startup taint: a node that begins its life with it gets no pod before the driver runs there.
 */
final class Taints {
  static final String KEY = "csi.juicebox.io/agent-not-ready";
  static final String EFFECT = "NoExecute";

  private Taints() {}

  /**
   * What removes the taint from a node and leaves all others, as the operations of a JSON patch
   * (RFC 6902): it fails if the list has changed since. Empty when the node doesn't have the taint.
   */
  static Optional<List<Map<String, Object>>> removal(Node node) {
    List<Taint> taints =
        node.getSpec() == null || node.getSpec().getTaints() == null
            ? List.of()
            : node.getSpec().getTaints();
    for (int i = 0; i < taints.size(); i++) {
      Taint taint = taints.get(i);
      if (KEY.equals(taint.getKey()) && EFFECT.equals(taint.getEffect())) {
        String path = "/spec/taints/" + i;
        return Optional.of(
            List.of(
                Map.of("op", "test", "path", path, "value", taint),
                Map.of("op", "remove", "path", path)));
      }
    }
    return Optional.empty();
  }
}
