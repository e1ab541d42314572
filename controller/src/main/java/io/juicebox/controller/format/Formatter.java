package io.juicebox.controller.format;

import io.juicebox.csi.juicefs.Juicefs;
import io.juicebox.csi.status.DriverException;
import io.juicebox.csi.status.DriverException.Failed;
import io.juicebox.csi.status.DriverException.Late;
import io.juicebox.csi.volume.BackendConnection;
import io.juicebox.csi.volume.Capacity;
import io.juicebox.csi.volume.FormatParameters;
import io.juicebox.csi.volume.Lineage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Has the real {@code juicefs format} say what a new filesystem is to be. It reaches no server: its
 * metadata engine is SQLite's in-memory database, which ends with the process, and what it prints
 * is the setting that it would write anywhere. The caller writes that, in one step of Redis.
 *
 * <p>The reason, measured with JuiceFS 1.4.2: a format that writes to Redis itself first reads the
 * setting and then sets it whatever is there by now. With Redis away it goes on for 72 s; the URL
 * can shorten the pauses between its 11 attempts ({@code max-retry-backoff}) but not their number,
 * which leaves 10 s. Left behind by a controller that was killed, it could so overwrite the
 * filesystem that another call had made meanwhile.
 */
public final class Formatter {
  /** Each takes a CPU for 60 ms and about 60 MB. */
  private static final int AT_ONCE = Math.max(2, Runtime.getRuntime().availableProcessors());

  private static final String NOWHERE = "sqlite3://:memory:";

  private final Juicefs juicefs;
  private final Duration timeout;
  private final Semaphore running = new Semaphore(AT_ONCE, true);

  /**
   * @param timeout of a format, waiting for others included
   */
  public Formatter(Juicefs juicefs, Duration timeout) {
    this.juicefs = juicefs;
    this.timeout = timeout;
  }

  /**
   * A new filesystem with a UUID of its own, which is nowhere yet. The bucket need not be there,
   * and no key of the object store gets into the metadata.
   *
   * @throws DriverException.Late when it does not end in time
   * @throws DriverException.Failed with JuiceFS's own complaint
   */
  public NewFilesystem format(
      BackendConnection backend,
      Lineage lineage,
      String bucket,
      Capacity capacity,
      FormatParameters parameters) {
    long deadline = System.nanoTime() + timeout.toNanos();
    try {
      if (!running.tryAcquire(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
        throw new Late("waiting for other formats", timeout);
      }
      try {
        return run(
            arguments(backend, lineage, bucket, capacity, parameters),
            Duration.ofNanos(deadline - System.nanoTime()));
      } finally {
        running.release();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Failed("juicefs format was interrupted", e);
    }
  }

  private NewFilesystem run(List<String> arguments, Duration left) throws InterruptedException {
    var environment =
        Map.of("JFS_NO_CHECK_OBJECT_STORAGE", "1", "AWS_EC2_METADATA_DISABLED", "true");
    return switch (juicefs.run(arguments, environment, left)) {
      case Juicefs.Result.Ended(int exit, var log) when exit == 0 -> NewFilesystem.printed(log);
      case Juicefs.Result.Ended(_, var log) ->
          throw new Failed("juicefs format failed: " + FormatLog.complaint(log));
      case Juicefs.Result.Killed _ -> throw new Late("juicefs format", timeout);
    };
  }

  private static List<String> arguments(
      BackendConnection backend,
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
    arguments.add(NOWHERE);
    arguments.add(lineage.value());
    return arguments;
  }
}
