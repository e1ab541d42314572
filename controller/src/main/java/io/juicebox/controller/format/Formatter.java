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
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Has the real {@code juicefs format} say what a new filesystem is to be. It reaches no server: its
 * metadata engine is SQLite's in-memory database, which ends with the process, and what it prints
 * is the setting that it would write anywhere. The caller writes that, in one step of Redis.
 *
 * <p>One run serves all volumes of a kind, see {@link PrintedSettings}: it takes 60 ms of a
 * processor, more than all else that a volume costs. The program file is looked at each time, so
 * that another version's settings are its own.
 *
 * <p>The reason why it is not let write to Redis, measured with JuiceFS 1.4.2: a format that writes
 * to Redis itself first reads the setting and then sets it whatever is there by now. With Redis
 * away it goes on for 72 s; the URL can shorten the pauses between its 11 attempts ({@code
 * max-retry-backoff}) but not their number, which leaves 10 s. Left behind by a controller that was
 * killed, it could so overwrite the filesystem that another call had made meanwhile.
 */
public final class Formatter {
  /** Each takes a CPU for 60 ms and 24 MiB; one serves all volumes of its kind. */
  private static final int AT_ONCE = 2;

  private final Juicefs juicefs;
  private final Duration timeout;
  private final Semaphore running = new Semaphore(AT_ONCE, true);
  private final PrintedSettings settings = new PrintedSettings();

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
    var wanted = Wanted.of(backend, lineage, bucket, capacity, parameters);
    return made(wanted).orElseGet(() -> printed(wanted));
  }

  /** Without a run, of what an earlier one printed. */
  private Optional<NewFilesystem> made(Wanted wanted) {
    return juicefs.build().flatMap(build -> settings.make(build, wanted));
  }

  private NewFilesystem printed(Wanted wanted) {
    long deadline = System.nanoTime() + timeout.toNanos();
    try {
      if (!running.tryAcquire(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
        throw new Late("waiting for other formats", timeout);
      }
      try {
        Optional<NewFilesystem> meanwhile = made(wanted);
        return meanwhile.isPresent()
            ? meanwhile.get()
            : run(wanted, Duration.ofNanos(deadline - System.nanoTime()));
      } finally {
        running.release();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Failed("juicefs format was interrupted", e);
    }
  }

  private NewFilesystem run(Wanted wanted, Duration left) throws InterruptedException {
    var environment =
        Map.of("JFS_NO_CHECK_OBJECT_STORAGE", "1", "AWS_EC2_METADATA_DISABLED", "true");
    Optional<Juicefs.Build> before = juicefs.build();
    NewFilesystem printed =
        switch (juicefs.run(wanted.arguments(), environment, left)) {
          case Juicefs.Result.Ended(int exit, var log) when exit == 0 -> NewFilesystem.printed(log);
          case Juicefs.Result.Ended(_, var log) ->
              throw new Failed("juicefs format failed: " + FormatLog.complaint(log));
          case Juicefs.Result.Killed _ -> throw new Late("juicefs format", timeout);
        };
    before
        .filter(build -> juicefs.build().equals(Optional.of(build))) // else, who printed it?
        .ifPresent(build -> settings.keep(build, wanted, printed));
    return printed;
  }
}
