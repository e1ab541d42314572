package io.juicebox.csi.volume;

import io.juicebox.csi.status.DriverException.InvalidRequest;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

/**
 * What a node must know of a volume to mount it: CreateVolume answers it, a PersistentVolume keeps
 * it as its volume attributes, NodePublishVolume receives it. It holds no secret.
 *
 * @param uuid the filesystem's own id; a mount that shows another one is refused
 * @param bucket the bucket of the volume's blocks
 */
public record VolumeContext(
    Number number,
    Lineage lineage,
    UUID uuid,
    String bucket,
    CacheClass cacheClass,
    MountParameters mount) {
  private static final String FIELD = "volume_context";

  /** The context as the CSI map. */
  public Map<String, String> toMap() {
    var map = new LinkedHashMap<String, String>();
    map.put("number", number.toString());
    map.put("lineage", lineage.value());
    map.put("uuid", uuid.toString());
    map.put("bucket", bucket);
    map.put("cacheClass", ParameterReader.spelled(cacheClass));
    VolumeParameters.write(mount, map);
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
    reader.refuseUnknown();
    return context;
  }

  private static Lineage lineage(ParameterReader reader) {
    String text = reader.required("lineage");
    try {
      return new Lineage(text);
    } catch (IllegalArgumentException e) {
      throw reader.invalid("lineage", text, "the name of a lineage");
    }
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
