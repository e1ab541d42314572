package io.juicebox.controller.volume;

import io.juicebox.controller.meta.FilesystemSetting;
import io.juicebox.controller.meta.Usage;
import io.juicebox.controller.registry.VolumeRecord;
import io.juicebox.controller.volume.VolumeHealth.Cause;
import io.juicebox.controller.volume.VolumeHealth.Condition;
import io.juicebox.csi.status.DriverException;
import io.juicebox.csi.status.DriverException.PreconditionFailed;
import io.juicebox.csi.volume.BackendName;
import io.juicebox.csi.volume.VolumeId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Looks at volumes from the controller's side: their metadata, their use, their object store.
 * Without Redis it can't tell which volumes there are, and the call fails.
 */
public final class CheckHealth {
  /** Volumes that one call looks at, so that it ends in time however few of them are ill. */
  private static final int MOST_LOOKED_AT = 2_000;

  /**
   * One page of ill volumes.
   *
   * @param next where the next one begins; empty after the last
   */
  public record Page(List<VolumeHealth> ill, Optional<VolumeId> next) {}

  /** A cause, before it is known since when. */
  record Finding(Cause cause, String message) {}

  /** What a volume's number was found to hold. */
  sealed interface Metadata {
    record Found(FilesystemSetting setting, Usage usage) implements Metadata {}

    record Missing() implements Metadata {}

    record Replaced(String by) implements Metadata {}
  }

  /** A bucket of a backend: looked at once in a call. */
  private record Place(BackendName backend, String bucket) {}

  private final Backends backends;
  private final VolumeDirectory volumes;

  public CheckHealth(Backends backends, VolumeDirectory volumes) {
    this.backends = backends;
    this.volumes = volumes;
  }

  /** How one volume is. */
  public VolumeHealth check(String id) {
    return look(volumes.get(id), new HashMap<>());
  }

  /** The next ill volumes; token and most are those of {@link VolumeDirectory#list}. */
  public Page list(String token, int most) {
    int looked = most == 0 ? MOST_LOOKED_AT : Math.min(most, MOST_LOOKED_AT);
    VolumeDirectory.Page page = volumes.list(token, most < 0 ? most : looked);
    var buckets = new HashMap<Place, Optional<Finding>>();
    var ill =
        page.volumes().stream()
            .map(volume -> look(volume, buckets))
            .filter(health -> !health.healthy())
            .toList();
    return new Page(ill, page.next());
  }

  private VolumeHealth look(VolumeRecord volume, Map<Place, Optional<Finding>> buckets) {
    Backend backend = backends.of(volume.id()).orElseThrow();
    var place = new Place(backend.name(), volume.bucket());
    List<Finding> findings =
        decide(
            volume,
            metadata(backend, volume),
            buckets.computeIfAbsent(
                place, _ -> away(place, buckets).or(() -> bucket(backend, volume.bucket()))));
    return new VolumeHealth(volume.id(), conditions(backend, volume, findings));
  }

  private static List<Condition> conditions(
      Backend backend, VolumeRecord volume, List<Finding> findings) {
    List<Instant> since =
        backend
            .registry()
            .since(
                volume.id(), findings.stream().map(finding -> finding.cause().reason()).toList());
    // Where the volume was deleted while we looked, nothing is the matter with it any more.
    return IntStream.range(0, since.size())
        .mapToObj(
            i -> new Condition(findings.get(i).cause(), findings.get(i).message(), since.get(i)))
        .toList();
  }

  /** An object store that was away a moment ago: waiting for it at each bucket takes too long. */
  private static Optional<Finding> away(Place place, Map<Place, Optional<Finding>> buckets) {
    return buckets.entrySet().stream()
        .filter(known -> known.getKey().backend().equals(place.backend()))
        .flatMap(known -> known.getValue().stream())
        .filter(found -> found.cause() == Cause.OBJECT_STORE_UNAVAILABLE)
        .findFirst();
  }

  private static Metadata metadata(Backend backend, VolumeRecord volume) {
    Optional<FilesystemSetting> setting;
    try {
      setting = backend.metadata().setting(volume.number());
    } catch (PreconditionFailed e) {
      return new Metadata.Replaced(String.valueOf(e.getMessage()));
    }
    if (setting.isEmpty()) {
      return new Metadata.Missing();
    }
    if (!setting.get().uuid().equals(volume.context().orElseThrow().uuid())) {
      return new Metadata.Replaced("the filesystem " + setting.get().uuid());
    }
    return new Metadata.Found(setting.get(), backend.metadata().usage(volume.number()));
  }

  private static Optional<Finding> bucket(Backend backend, String bucket) {
    try {
      return switch (backend.objects().find(bucket)) {
        case PRESENT -> Optional.empty();
        case ABSENT ->
            Optional.of(new Finding(Cause.BUCKET_MISSING, "bucket %s is gone".formatted(bucket)));
      };
    } catch (DriverException e) {
      return Optional.of(
          new Finding(Cause.OBJECT_STORE_UNAVAILABLE, String.valueOf(e.getMessage())));
    }
  }

  static List<Finding> decide(VolumeRecord volume, Metadata metadata, Optional<Finding> bucket) {
    var findings = new ArrayList<Finding>();
    bucket.ifPresent(findings::add);
    switch (metadata) {
      case Metadata.Missing() ->
          findings.add(
              new Finding(
                  Cause.FILESYSTEM_MISSING,
                  "number %s of Redis holds no filesystem".formatted(volume.number())));
      case Metadata.Replaced(String by) ->
          findings.add(
              new Finding(
                  Cause.FILESYSTEM_REPLACED,
                  "number %s of Redis holds something else: %s".formatted(volume.number(), by)));
      case Metadata.Found(FilesystemSetting setting, Usage usage) -> {
        if (setting.capacity() > 0 && usage.bytes() >= setting.capacity()) {
          findings.add(
              new Finding(
                  Cause.CAPACITY_EXHAUSTED,
                  "%d of %d bytes are used".formatted(usage.bytes(), setting.capacity())));
        }
        if (setting.inodes() > 0 && usage.inodes() >= setting.inodes()) {
          findings.add(
              new Finding(
                  Cause.INODES_EXHAUSTED,
                  "%d of %d inodes are used".formatted(usage.inodes(), setting.inodes())));
        }
      }
    }
    return List.copyOf(findings);
  }
}
