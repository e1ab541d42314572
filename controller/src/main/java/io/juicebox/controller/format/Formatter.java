package io.juicebox.controller.format;

import io.juicebox.csi.juicefs.Juicefs;
import io.juicebox.csi.status.DriverException;
import io.juicebox.csi.status.DriverException.BackendUnavailable;
import io.juicebox.csi.status.DriverException.Failed;
import io.juicebox.csi.volume.BackendConnection;
import io.juicebox.csi.volume.Capacity;
import io.juicebox.csi.volume.FormatParameters;
import io.juicebox.csi.volume.Lineage;
import io.juicebox.csi.volume.Number;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Writes the metadata of new filesystems with the real {@code juicefs format}. It touches Redis
 * only: the bucket need not be there yet, and no object-store key gets into the metadata.
 */
public final class Formatter {
  /** Each takes a CPU for 60 ms and about 60 MB. */
  private static final int AT_ONCE = Math.max(2, Runtime.getRuntime().availableProcessors());

  private final Juicefs juicefs;
  private final Duration timeout;
  private final Semaphore running = new Semaphore(AT_ONCE, true);

  /**
   * @param timeout of a format; left to itself it retries for over a minute when Redis is away
   */
  public Formatter(Juicefs juicefs, Duration timeout) {
    this.juicefs = juicefs;
    this.timeout = timeout;
  }

  /**
   * Formats a number. May be repeated: a number that holds a filesystem already is left as it is,
   * whosever it is, so compare the setting's name afterwards.
   *
   * @throws DriverException.BackendUnavailable and the other failures of Redis
   * @throws DriverException.Failed with JuiceFS's own complaint
   */
  public void format(
      BackendConnection backend,
      Number number,
      Lineage lineage,
      String bucket,
      Capacity capacity,
      FormatParameters parameters) {
    long deadline = System.nanoTime() + timeout.toNanos();
    try {
      if (!running.tryAcquire(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
        throw new DriverException.Late("waiting for other formats", timeout);
      }
      try {
        format(
            backend,
            arguments(backend, number, lineage, bucket, capacity, parameters),
            Duration.ofNanos(deadline - System.nanoTime()));
      } finally {
        running.release();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Failed("juicefs format was interrupted", e);
    }
  }

  private void format(BackendConnection backend, List<String> arguments, Duration left)
      throws InterruptedException {
    var environment =
        Map.of(
            "META_PASSWORD", backend.redisPassword().reveal(),
            "JFS_NO_CHECK_OBJECT_STORAGE", "1",
            "AWS_EC2_METADATA_DISABLED", "true");
    switch (juicefs.run(arguments, environment, left)) {
      case Juicefs.Result.Ended(int exit, var log) when exit != 0 ->
          throw FormatFailure.of(backend.redisName(), log);
      case Juicefs.Result.Ended _ -> {}
      case Juicefs.Result.Killed(var log) ->
          throw new BackendUnavailable(
              backend.redisName(),
              "juicefs format did not end within %d ms: %s"
                  .formatted(timeout.toMillis(), FormatFailure.reason(log)),
              null);
    }
  }

  private static List<String> arguments(
      BackendConnection backend,
      Number number,
      Lineage lineage,
      String bucket,
      Capacity capacity,
      FormatParameters parameters) {
    var arguments = new ArrayList<>(List.of("--no-agent", "format", "--no-update"));
    arguments.addAll(List.of("--storage", "minio"));
    arguments.addAll(List.of("--bucket", backend.objectEndpoint() + "/" + bucket));
    arguments.addAll(List.of("--capacity", capacity.bytes() + "B"));
    arguments.addAll(List.of("--inodes", Long.toString(parameters.inodes())));
    arguments.addAll(List.of("--block-size", Long.toString(parameters.blockSize() >> 10)));
    arguments.addAll(
        List.of("--compress", parameters.compression().name().toLowerCase(Locale.ROOT)));
    arguments.addAll(List.of("--trash-days", Integer.toString(parameters.trashDays())));
    arguments.add(metadataUrl(backend, number));
    arguments.add(lineage.value());
    return arguments;
  }

  /** Without the password, which goes through the environment. */
  private static String metadataUrl(BackendConnection backend, Number number) {
    String user = backend.redisUser().map(name -> name + "@").orElse("");
    return "%s://%s%s/%s"
        .formatted(backend.redis().getScheme(), user, backend.redis().getAuthority(), number);
  }
}
