package io.juicebox.controller.volume;

import io.juicebox.controller.registry.VolumeRecord;
import io.juicebox.controller.registry.VolumeRecord.State;
import io.juicebox.csi.status.DriverException.BadToken;
import io.juicebox.csi.status.DriverException.InvalidRequest;
import io.juicebox.csi.status.DriverException.NotFound;
import io.juicebox.csi.volume.VolumeId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The ready volumes of all backends: one by its id, or page by page. */
public final class VolumeDirectory {
  /** Keeps an answer well below gRPC's usual 4 MiB when the CO sets no bound. */
  private static final int LARGEST_PAGE = 4_000;

  private static final int CHUNK = 500;

  /**
   * One page.
   *
   * @param next where the next one begins; empty after the last
   */
  public record Page(List<VolumeRecord> volumes, Optional<VolumeId> next) {}

  private final Backends backends;

  public VolumeDirectory(Backends backends) {
    this.backends = backends;
  }

  /**
   * The ready volume of an id.
   *
   * @throws NotFound when there is none, also while it is being made or deleted
   */
  public VolumeRecord get(String id) {
    return VolumeId.tryParse(id).flatMap(this::find).orElseThrow(() -> NotFound.volume(id));
  }

  /** The ready volume of an id; empty when there is none. */
  public Optional<VolumeRecord> find(VolumeId id) {
    return backends
        .of(id)
        .flatMap(backend -> backend.registry().find(id))
        .filter(volume -> volume.state() == State.READY);
  }

  /**
   * A page of volumes, backend after backend, by id within each.
   *
   * @param token the last id of the page before, whether or not that volume is still there; empty
   *     to begin
   * @param most 0 for as many as fit an answer
   * @throws BadToken when the token can't be one of ours
   */
  public Page list(String token, int most) {
    if (most < 0) {
      throw new InvalidRequest("max_entries", "is negative: " + most);
    }
    int size = most == 0 ? LARGEST_PAGE : Math.min(most, LARGEST_PAGE);
    Optional<VolumeId> after =
        token.isEmpty() ? Optional.empty() : Optional.of(backends.token(token));
    var found = new ArrayList<VolumeRecord>();
    for (Backend backend : backends.from(after)) {
      collect(backend, after.filter(id -> id.backend().equals(backend.name())), size + 1, found);
    }
    if (found.size() <= size) {
      return new Page(found, Optional.empty());
    }
    var page = List.copyOf(found.subList(0, size));
    return new Page(page, Optional.of(page.getLast().id()));
  }

  /** Adds the backend's next volumes until so many are found in all. */
  private static void collect(
      Backend backend, Optional<VolumeId> after, int wanted, List<VolumeRecord> found) {
    Optional<VolumeId> last = after;
    while (found.size() < wanted) {
      int chunk = Math.min(CHUNK, wanted - found.size());
      List<VolumeRecord> more =
          last.isPresent()
              ? backend.registry().after(last.get(), chunk)
              : backend.registry().first(chunk);
      found.addAll(more);
      if (more.size() < chunk) {
        return;
      }
      last = Optional.of(more.getLast().id());
    }
  }
}
