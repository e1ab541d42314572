package io.juicebox.controller.volume;

import io.juicebox.controller.registry.BlockFormat;
import io.juicebox.controller.registry.Origin;
import io.juicebox.controller.registry.SnapshotRecord;
import io.juicebox.controller.registry.VolumeRecord;
import io.juicebox.csi.status.DriverException.InvalidRequest;
import io.juicebox.csi.status.DriverException.OutOfRange;
import io.juicebox.csi.volume.BackendName;
import io.juicebox.csi.volume.BucketMode;
import io.juicebox.csi.volume.Capacity;
import io.juicebox.csi.volume.FormatParameters;
import io.juicebox.csi.volume.Lineage;
import io.juicebox.csi.volume.VolumeParameters;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** A volume or a snapshot that a copy can be made of, and what the copy has in common with it. */
record Source(
    Origin origin,
    Lineage lineage,
    String bucket,
    BucketMode bucketMode,
    Capacity capacity,
    BlockFormat blocks) {

  static Source of(VolumeRecord volume) {
    return new Source(
        volume.asOrigin(),
        volume.lineage(),
        volume.bucket(),
        volume.bucketMode(),
        volume.capacity(),
        blocks(volume));
  }

  static Source of(SnapshotRecord snapshot) {
    return new Source(
        snapshot.asOrigin(),
        snapshot.lineage(),
        snapshot.bucket(),
        snapshot.bucketMode(),
        snapshot.capacity(),
        snapshot.blocks());
  }

  /** How a volume's bytes lie in its blocks. */
  static BlockFormat blocks(VolumeRecord volume) {
    return volume.blocks().orElseGet(() -> blocks(VolumePlan.parametersOf(volume.request())));
  }

  static BlockFormat blocks(VolumeParameters parameters) {
    return new BlockFormat(parameters.format().blockSize(), parameters.format().compression());
  }

  BackendName backend() {
    return origin.id().backend();
  }

  /**
   * The parameters of a copy: what they don't say and can't be otherwise is the source's.
   *
   * @throws InvalidRequest naming the parameter that says something else
   */
  VolumeParameters complete(Map<String, String> parameters) {
    var complete = new HashMap<String, String>();
    complete.put("backend", backend().value());
    complete.put("bucketMode", bucketMode.name().toLowerCase(Locale.ROOT));
    complete.put("blockSize", Long.toString(blocks.size()));
    complete.put("compression", blocks.compression().name().toLowerCase(Locale.ROOT));
    complete.putAll(parameters);
    var result = VolumeParameters.from(complete);
    FormatParameters format = result.format();
    requireSame("backend", backend(), result.backend().orElseThrow());
    requireSame("bucketMode", bucketMode, result.bucketMode());
    requireSame("blockSize", blocks.size(), format.blockSize());
    requireSame("compression", blocks.compression(), format.compression());
    return result;
  }

  private void requireSame(String parameter, Object own, Object wanted) {
    if (!own.equals(wanted)) {
      throw new InvalidRequest(
          "parameters." + parameter,
          "is %s, but %s has %s and a copy shares its blocks: leave it out"
              .formatted(text(wanted), origin.id(), text(own)));
    }
  }

  private static String text(Object value) {
    return value instanceof Enum<?> constant
        ? constant.name().toLowerCase(Locale.ROOT)
        : value.toString();
  }

  /**
   * Checks that all of the source fits.
   *
   * @throws OutOfRange when it does not
   */
  void requireRoom(Capacity capacity) {
    if (capacity.bytes() < this.capacity.bytes()) {
      throw new OutOfRange(
          "capacity_range",
          "%s is less than the %s of %s, of which it is to be a copy"
              .formatted(capacity, this.capacity, origin.id()));
    }
  }
}
