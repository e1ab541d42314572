package io.juicebox.csi.volume;

import io.juicebox.csi.status.DriverException.InvalidRequest;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;

/**
 * What a node must know of a volume to mount it: CreateVolume answers it, a PersistentVolume keeps
 * it as its volume attributes, NodePublishVolume receives it. It holds no secret.
 *
 * <p>Two contexts are equal when they mean the same mount: the claim's name is no part of that,
 * since a PersistentVolume that somebody wrote for the same volume may lack it or name another.
 *
 * @param uuid the filesystem's own id; a mount that shows another one is refused
 * @param bucket the bucket of the volume's blocks
 * @param copy the volume, where it is a copy: else the lineage is named after it
 * @param pvc what the volume was made for, where that is known
 */
public record VolumeContext(
    Number number,
    Lineage lineage,
    UUID uuid,
    String bucket,
    CacheClass cacheClass,
    MountParameters mount,
    Optional<VolumeId> copy,
    Optional<PvcName> pvc) {
  private static final String FIELD = "volume_context";
  private static final String COPY = "copy";

  /** Of a volume that is no copy, and that names no claim. */
  public VolumeContext(
      Number number,
      Lineage lineage,
      UUID uuid,
      String bucket,
      CacheClass cacheClass,
      MountParameters mount) {
    this(number, lineage, uuid, bucket, cacheClass, mount, Optional.empty(), Optional.empty());
  }

  /** The same, made for a claim. */
  public VolumeContext madeFor(Optional<PvcName> claim) {
    return new VolumeContext(number, lineage, uuid, bucket, cacheClass, mount, copy, claim);
  }

  /** The same, of a volume that is a copy. */
  public VolumeContext ofCopy(VolumeId volume) {
    return new VolumeContext(
        number, lineage, uuid, bucket, cacheClass, mount, Optional.of(volume), pvc);
  }

  /** Whether it is that of a volume. */
  public boolean isOf(VolumeId volume) {
    return copy.map(volume::equals).orElseGet(() -> lineage.equals(Lineage.startedBy(volume)));
  }

  /** The context as the CSI map. */
  public Map<String, String> toMap() {
    var map = new LinkedHashMap<String, String>();
    map.put("number", number.toString());
    map.put("lineage", lineage.value());
    map.put("uuid", uuid.toString());
    map.put("bucket", bucket);
    map.put("cacheClass", ParameterReader.spelled(cacheClass));
    copy.ifPresent(volume -> map.put(COPY, volume.value()));
    VolumeParameters.write(mount, map);
    pvc.ifPresent(claim -> claim.write(map));
    return map;
  }

  /**
   * Reads a context back.
   *
   * @throws InvalidRequest naming the key that is missing, wrong or unknown
   */
  public static VolumeContext from(Map<String, String> map) {
    var reader = new ParameterReader(FIELD, map);
    reader.required("number");
    reader.required("cacheClass");
    var context =
        new VolumeContext(
            new Number(
                (int) reader.number("number", Number.FIRST_VOLUME.value(), Integer.MAX_VALUE, 0)),
            lineage(reader),
            uuid(reader),
            bucket(reader),
            reader.choice("cacheClass", CacheClass.class, CacheClass.SHARED),
            VolumeParameters.mount(reader));
    Optional<VolumeId> copy = copy(reader);
    reader.refuseUnknown();
    return copy.map(context::ofCopy).orElse(context).madeFor(PvcName.from(map));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof VolumeContext that
        && number.equals(that.number)
        && lineage.equals(that.lineage)
        && uuid.equals(that.uuid)
        && bucket.equals(that.bucket)
        && cacheClass == that.cacheClass
        && mount.equals(that.mount)
        && copy.equals(that.copy);
  }

  @Override
  public int hashCode() {
    return Objects.hash(number, lineage, uuid, bucket, cacheClass, mount, copy);
  }

  private static Lineage lineage(ParameterReader reader) {
    String text = reader.required("lineage");
    try {
      return new Lineage(text);
    } catch (IllegalArgumentException e) {
      throw reader.invalid("lineage", text, "the name of a lineage");
    }
  }

  private static Optional<VolumeId> copy(ParameterReader reader) {
    return reader
        .text(COPY)
        .map(text ->
            VolumeId.tryParse(text).orElseThrow(() -> reader.invalid(COPY, text, "a volume's id")));
  }

  private static UUID uuid(ParameterReader reader) {
    String text = reader.required("uuid");
    if (!text.matches("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")) {
      throw reader.invalid("uuid", text, "a UUID in lower case");
    }
    return UUID.fromString(text);
  }

  private static String bucket(ParameterReader reader) {
    String text = reader.required("bucket");
    if (!BackendConnection.isBucketName(text)) {
      throw reader.invalid("bucket", text, "the name of a bucket");
    }
    return text;
  }
}
