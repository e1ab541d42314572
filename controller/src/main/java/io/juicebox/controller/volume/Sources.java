package io.juicebox.controller.volume;

import io.juicebox.controller.registry.Origin;
import io.juicebox.controller.registry.VolumeRecord.State;
import io.juicebox.csi.status.DriverException.NotFound;
import io.juicebox.csi.volume.VolumeId;
import java.util.Optional;

/** Finds what copies are to be made of. */
final class Sources {
  private final Backends backends;

  Sources(Backends backends) {
    this.backends = backends;
  }

  /** The ready volume or snapshot that a CO names; empty when there is none. */
  Optional<Source> find(SourceId wanted) {
    return VolumeId.tryParse(wanted.id())
        .flatMap(
            id -> backends.of(id).flatMap(backend -> find(backend, new Origin(wanted.kind(), id))));
  }

  private static Optional<Source> find(Backend backend, Origin origin) {
    return switch (origin.kind()) {
      case VOLUME ->
          backend
              .registry()
              .find(origin.id())
              .filter(volume -> volume.state() == State.READY)
              .map(Source::of);
      case SNAPSHOT ->
          backend
              .snapshots()
              .find(origin.id())
              .filter(snapshot -> snapshot.state() == State.READY)
              .map(Source::of);
    };
  }

  static NotFound missing(SourceId wanted) {
    return switch (wanted.kind()) {
      case VOLUME -> NotFound.volume(wanted.id());
      case SNAPSHOT -> NotFound.snapshot(wanted.id());
    };
  }
}
