package io.juicebox.controller.format;

import io.juicebox.csi.volume.BackendConnection;
import io.juicebox.csi.volume.Capacity;
import io.juicebox.csi.volume.FormatParameters;
import io.juicebox.csi.volume.Lineage;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What a new filesystem is to be.
 *
 * @param bucket the URL
 */
record Wanted(Lineage lineage, String bucket, Capacity capacity, FormatParameters parameters) {
  private static final String NOWHERE = "sqlite3://:memory:";

  static Wanted of(
      BackendConnection backend,
      Lineage lineage,
      String bucket,
      Capacity capacity,
      FormatParameters parameters) {
    return new Wanted(lineage, backend.objectEndpoint() + "/" + bucket, capacity, parameters);
  }

  /**
   * The URL of the bucket that volumes of one kind share, or of what their own buckets lie in, with
   * a slash at its end.
   */
  String place() {
    String own = "/" + lineage.value();
    return bucket.endsWith(own) ? bucket.substring(0, bucket.length() - own.length() + 1) : bucket;
  }

  /** As {@code juicefs} takes it. */
  List<String> arguments() {
    var arguments = new ArrayList<>(List.of("--no-agent", "format", "--no-update"));
    arguments.addAll(List.of("--storage", "minio"));
    arguments.addAll(List.of("--bucket", bucket));
    arguments.addAll(List.of("--capacity", capacity.bytes() + "B"));
    arguments.addAll(List.of("--inodes", Long.toString(parameters.inodes())));
    arguments.addAll(List.of("--block-size", Long.toString(parameters.blockSize() >> 10)));
    arguments.addAll(
        List.of("--compress", parameters.compression().name().toLowerCase(Locale.ROOT)));
    arguments.addAll(List.of("--trash-days", Integer.toString(parameters.trashDays())));
    arguments.add(NOWHERE);
    arguments.add(lineage.value());
    return arguments;
  }
}
