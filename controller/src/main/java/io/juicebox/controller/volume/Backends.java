package io.juicebox.controller.volume;

import io.juicebox.csi.status.DriverException.InvalidRequest;
import io.juicebox.csi.volume.BackendName;
import io.juicebox.csi.volume.VolumeId;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The configured backends.
 *
 * @param inOrder at least one; the first is the default
 */
public record Backends(List<Backend> inOrder) {
  public Backends {
    inOrder = List.copyOf(inOrder);
    if (inOrder.isEmpty()) {
      throw new IllegalArgumentException("no backend");
    }
  }

  Optional<Backend> find(BackendName name) {
    return inOrder.stream().filter(backend -> backend.name().equals(name)).findFirst();
  }

  Optional<Backend> of(VolumeId id) {
    return find(id.backend());
  }

  /**
   * The backend that a StorageClass names, the default if it names none.
   *
   * @throws InvalidRequest when there is none of that name
   */
  Backend chosen(Optional<BackendName> name) {
    if (name.isEmpty()) {
      return inOrder.getFirst();
    }
    return find(name.get())
        .orElseThrow(() ->
            new InvalidRequest(
                "parameters.backend",
                "is %s, not one of %s"
                    .formatted(
                        name.get().value(),
                        inOrder.stream()
                            .map(backend -> backend.name().value())
                            .collect(Collectors.joining(", ")))));
  }
}
