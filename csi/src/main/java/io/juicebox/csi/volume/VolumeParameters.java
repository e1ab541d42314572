package io.juicebox.csi.volume;

import io.juicebox.csi.status.DriverException.InvalidRequest;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The StorageClass parameters of a volume, all of them with their defaults filled in.
 *
 * <p>This is a public interface: README.md documents each name, its values and its default.
 *
 * @param backend the backend to put the volume on, the controller's first when empty
 */
public record VolumeParameters(
    Optional<BackendName> backend,
    BucketMode bucketMode,
    Credentials credentials,
    FormatParameters format,
    RootDirectory root,
    CacheMode cacheMode,
    MountParameters mount) {
  static final String FIELD = "parameters";
  private static final long KI = 1L << 10;
  private static final long MI = 1L << 20;
  private static final long GI = 1L << 30;

  /**
   * Reads what a StorageClass says.
   *
   * @throws InvalidRequest naming the parameter, its value and what would be valid
   */
  public static VolumeParameters from(Map<String, String> parameters) {
    var reader = new ParameterReader(FIELD, parameters);
    var result =
        new VolumeParameters(
            backend(reader),
            reader.choice("bucketMode", BucketMode.class, BucketMode.SHARED),
            reader.choice("credentials", Credentials.class, Credentials.PER_VOLUME),
            format(reader),
            new RootDirectory(
                reader.number("uid", 0, RootDirectory.LARGEST_ID, 0),
                reader.number("gid", 0, RootDirectory.LARGEST_ID, 0),
                reader.permissions("mode", 0777)),
            reader.choice("cacheMode", CacheMode.class, CacheMode.STRICT),
            mount(reader));
    reader.refuseUnknown();
    return result;
  }

  /**
   * The parameters without the keys that the provisioner adds: what makes two requests the same.
   */
  public static Map<String, String> canonical(Map<String, String> parameters) {
    return new TreeMap<>(ParameterReader.own(parameters));
  }

  /**
   * The cache class for the access modes that a volume is requested with.
   *
   * @throws InvalidRequest when {@code cacheMode: exclusive} meets a mode of several nodes
   */
  public CacheClass cacheClass(Collection<AccessMode> requested) {
    CacheClass result = CacheClass.of(requested, cacheMode);
    if (cacheMode == CacheMode.EXCLUSIVE && result != CacheClass.EXCLUSIVE) {
      throw new InvalidRequest(
          FIELD + ".cacheMode", "is exclusive, which needs single-node access modes only");
    }
    return result;
  }

  private static Optional<BackendName> backend(ParameterReader reader) {
    return reader
        .text("backend")
        .map(name -> {
          try {
            return new BackendName(name);
          } catch (IllegalArgumentException e) {
            throw reader.invalid("backend", name, "the name of a backend");
          }
        });
  }

  private static FormatParameters format(ParameterReader reader) {
    long blockSize = reader.bytes("blockSize", 64 * KI, 16 * MI, 4 * MI);
    if (Long.bitCount(blockSize) != 1) {
      throw new InvalidRequest(FIELD + ".blockSize", "is no power of two: " + blockSize);
    }
    return new FormatParameters(
        reader.choice("compression", Compression.class, Compression.NONE),
        blockSize,
        (int) reader.number("trashDays", 0, 365, 0),
        reader.number("inodes", 10, 1_000_000_000_000L, 1_000_000));
  }

  /** Reads the part that the volume context carries on, under the same names. */
  static MountParameters mount(ParameterReader reader) {
    return new MountParameters(
        reader.bytes("cacheSize", 0, 1L << 50, GI),
        reader.directory("cacheDir"),
        reader.bytes("bufferSize", 16 * MI, 16 * GI, 64 * MI),
        reader.bytes("memoryLimit", 64 * MI, 1L << 44),
        reader.number("uploadLimit", 1, 1_000_000),
        reader.number("downloadLimit", 1, 1_000_000),
        reader.flag("allowWriteback"));
  }

  /** Writes what {@link #mount} reads. */
  static void write(MountParameters mount, Map<String, String> to) {
    to.put("cacheSize", Long.toString(mount.cacheSize()));
    mount.cacheDir().ifPresent(directory -> to.put("cacheDir", directory.toString()));
    to.put("bufferSize", Long.toString(mount.bufferSize()));
    mount.memoryLimit().ifPresent(bytes -> to.put("memoryLimit", Long.toString(bytes)));
    mount.uploadLimit().ifPresent(limit -> to.put("uploadLimit", Long.toString(limit)));
    mount.downloadLimit().ifPresent(limit -> to.put("downloadLimit", Long.toString(limit)));
    if (mount.allowWriteback()) {
      to.put("allowWriteback", "true");
    }
  }
}
