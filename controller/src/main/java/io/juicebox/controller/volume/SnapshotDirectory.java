package io.juicebox.controller.volume;

import io.juicebox.controller.registry.SnapshotRecord;
import io.juicebox.controller.registry.VolumeRecord.State;
import io.juicebox.csi.status.DriverException.InvalidRequest;
import io.juicebox.csi.status.DriverException.NotFound;
import io.juicebox.csi.volume.VolumeId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The ready snapshots of all backends: one by its id, those of a volume, or page by page. */
public final class SnapshotDirectory {
  /** One step of Redis each, also when the CO sets no bound. */
  private static final int LARGEST_PAGE = 1_000;

  /**
   * One page.
   *
   * @param next where the next one begins; empty after the last
   */
  public record Page(List<SnapshotRecord> snapshots, Optional<VolumeId> next) {}

  private final Backends backends;

  public SnapshotDirectory(Backends backends) {
    this.backends = backends;
  }

  /**
   * The ready snapshot of an id.
   *
   * @throws NotFound when there is none, also while it is being made or deleted
   */
  public SnapshotRecord get(String id) {
    return find(id).orElseThrow(() -> NotFound.snapshot(id));
  }

  private Optional<SnapshotRecord> find(String id) {
    return VolumeId.tryParse(id)
        .flatMap(known -> backends.of(known).flatMap(backend -> backend.snapshots().find(known)))
        .filter(snapshot -> snapshot.state() == State.READY);
  }

  /**
   * A page of snapshots, backend after backend, by id within each.
   *
   * @param snapshot only this one; all when empty
   * @param source only those of this volume, which need not be there any more; all when empty
   * @param token the last id of the page before, whether or not that is still there; empty to begin
   * @param most 0 for as many as fit an answer
   * @throws io.juicebox.csi.status.DriverException.BadToken when the token can't be one of ours
   */
  public Page list(String snapshot, String source, String token, int most) {
    if (most < 0) {
      throw new InvalidRequest("max_entries", "is negative: " + most);
    }
    Optional<VolumeId> after =
        token.isEmpty() ? Optional.empty() : Optional.of(backends.token(token));
    if (!snapshot.isEmpty()) {
      return new Page(
          find(snapshot).stream()
              .filter(found -> source.isEmpty() || found.source().value().equals(source))
              .toList(),
          Optional.empty());
    }
    int size = most == 0 ? LARGEST_PAGE : Math.min(most, LARGEST_PAGE);
    List<SnapshotRecord> found = source.isEmpty() ? all(after, size + 1) : of(source, after, size);
    if (found.size() <= size) {
      return new Page(found, Optional.empty());
    }
    var page = List.copyOf(found.subList(0, size));
    return new Page(page, Optional.of(page.getLast().id()));
  }

  private List<SnapshotRecord> of(String source, Optional<VolumeId> after, int size) {
    return VolumeId.tryParse(source)
        .flatMap(id ->
            backends
                .of(id)
                .map(backend -> backend.snapshots().list(Optional.of(id), after, size + 1)))
        .orElse(List.of());
  }

  private List<SnapshotRecord> all(Optional<VolumeId> after, int wanted) {
    var found = new ArrayList<SnapshotRecord>();
    for (Backend backend : backends.from(after)) {
      found.addAll(
          backend
              .snapshots()
              .list(
                  Optional.empty(),
                  after.filter(id -> id.backend().equals(backend.name())),
                  wanted - found.size()));
      if (found.size() >= wanted) {
        break;
      }
    }
    return found;
  }
}
