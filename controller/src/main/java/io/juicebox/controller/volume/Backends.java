package io.juicebox.controller.volume;

import io.juicebox.csi.status.DriverException.AlreadyExists;
import io.juicebox.csi.status.DriverException.BackendUnavailable;
import io.juicebox.csi.status.DriverException.BadToken;
import io.juicebox.csi.status.DriverException.InvalidRequest;
import io.juicebox.csi.status.Printable;
import io.juicebox.csi.volume.BackendName;
import io.juicebox.csi.volume.VolumeId;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The configured backends.
 *
 * @param inOrder at least one; the first is the default
 */
public record Backends(List<Backend> inOrder) {
  private static final Logger LOG = LoggerFactory.getLogger(Backends.class);

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

  /**
   * Where a page of a listing ended that goes from backend to backend.
   *
   * @param token what the CO was given: the last id of the page
   * @throws BadToken when it can't be one of ours
   */
  VolumeId token(String token) {
    return VolumeId.tryParse(token)
        .filter(id -> of(id).isPresent())
        .orElseThrow(() -> new BadToken(token));
  }

  /** Those that such a listing has yet to go through, the one where it stopped included. */
  List<Backend> from(Optional<VolumeId> after) {
    return after
        .map(id ->
            inOrder.stream().dropWhile(backend -> !backend.name().equals(id.backend())).toList())
        .orElse(inOrder);
  }

  /**
   * The backend of a volume or a snapshot that is to be deleted.
   *
   * @throws BackendUnavailable when there is none of that name: what is there is not gone
   */
  Backend holding(VolumeId id) {
    return of(id)
        .orElseThrow(() ->
            new BackendUnavailable(
                "backend " + id.backend().value(),
                "it is not among the configured ones, so " + id + " can't be deleted",
                null));
  }

  /**
   * Refuses a name that another backend knows: a name is one thing's, whatever backend it is on. A
   * backend that is away is not asked: it must not keep the others from working.
   *
   * @param lookup finds what has a name on a backend
   */
  void requireNotElsewhere(
      String kind,
      String name,
      Backend chosen,
      BiFunction<Backend, String, Optional<VolumeId>> lookup) {
    for (Backend other : inOrder) {
      if (other != chosen) {
        find(other, name, lookup)
            .ifPresent(id -> {
              throw new AlreadyExists(
                  "%s %s exists as %s, on another backend".formatted(kind, Printable.of(name), id));
            });
      }
    }
  }

  private static Optional<VolumeId> find(
      Backend backend, String name, BiFunction<Backend, String, Optional<VolumeId>> lookup) {
    try {
      return lookup.apply(backend, name);
    } catch (BackendUnavailable e) {
      LOG.warn("whether {} exists there is not known: {}", Printable.of(name), e.getMessage());
      return Optional.empty();
    }
  }
}
