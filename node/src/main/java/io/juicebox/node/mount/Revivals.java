package io.juicebox.node.mount;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.juicebox.csi.status.DriverException;
import io.juicebox.csi.volume.BackendConnection;
import io.juicebox.csi.volume.VolumeId;
import io.juicebox.node.claim.Claims;
import io.juicebox.node.kernel.Deadline;
import io.juicebox.node.mount.MountHealth.State;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Replaces juicefs processes that have ended while their mounts are in use: at once, then ever
 * later, and for so long as programs may be kept waiting. Then those get an error (ENOTCONN), and
 * the next publication makes a new mount.
 */
final class Revivals implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Revivals.class);
  private static final Duration ATTEMPT = Duration.ofSeconds(15);

  /** For an operation on the volume that is under way to end. */
  private static final Duration CLAIM_PATIENCE = Duration.ofMinutes(1);

  private static final Duration SOONEST = Duration.ofMillis(100);

  private final Claims claims;
  private final VolumeDirectories directories;
  private final Root root;
  private final Successor successor;
  private final KeyFiles keys;
  private final Belongings belongings;
  private final Causes causes;
  private final HealthBook health;
  private final Duration reviveFor;
  private final ConcurrentHashMap<VolumeId, Trouble> troubles = new ConcurrentHashMap<>();
  private final ExecutorService workers =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("revival-", 0).factory());
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("revival-timer").factory());
  private volatile boolean closed;

  Revivals(
      Claims claims,
      VolumeDirectories directories,
      Root root,
      Successor successor,
      KeyFiles keys,
      Belongings belongings,
      Causes causes,
      HealthBook health,
      Duration reviveFor) {
    this.claims = claims;
    this.directories = directories;
    this.root = root;
    this.successor = successor;
    this.keys = keys;
    this.belongings = belongings;
    this.causes = causes;
    this.health = health;
    this.reviveFor = reviveFor;
  }

  /** A process has ended; returns at once. One that is not the mount's any more is left alone. */
  void ended(VolumeId volume, ProcessIdentity process) {
    begin(volume, process, this::revive);
  }

  /**
   * Tries once, now; the caller has the claim and has found the mount orphaned.
   *
   * @throws DriverException why no successor serves; it is tried again later
   */
  void now(MountRequest request, MountRecord record, VolumeFiles files) throws IOException {
    now(request, record, files, () -> {});
  }

  private void now(MountRequest request, MountRecord record, VolumeFiles files, Runnable meanwhile)
      throws IOException {
    VolumeId volume = record.volume();
    try {
      successor.replace(request, files, record, meanwhile);
    } catch (IOException | RuntimeException e) {
      failed(record, String.valueOf(e.getMessage()));
      throw e;
    }
    troubles.computeIfPresent(volume, (_, trouble) -> trouble.over(System.nanoTime()));
    health.note(volume, State.SERVING, "");
  }

  /** Whether an attempt is due, or the last one has just been made. */
  boolean pending(VolumeId volume) {
    Trouble trouble = troubles.get(volume);
    return trouble != null && trouble.pending();
  }

  /** It was released, or is a new mount. */
  void forget(VolumeId volume) {
    troubles.remove(volume);
    causes.forget(volume);
  }

  /** Replaces no more. */
  @Override
  public void close() {
    closed = true;
    timer.shutdownNow();
    workers.shutdownNow();
  }

  /** What is done for an orphaned mount, by whoever has the claim. */
  private interface Work {
    void run(MountRecord record, VolumeFiles files) throws IOException;
  }

  private void begin(VolumeId volume, ProcessIdentity process, Work work) {
    if (!closed) {
      workers.execute(() -> whenOrphaned(volume, process, work));
    }
  }

  private void whenOrphaned(VolumeId volume, ProcessIdentity process, Work work) {
    try (var _ = claims.claim(volume.value(), CLAIM_PATIENCE)) {
      VolumeFiles files = directories.of(volume);
      Optional<MountRecord> record =
          MountRecord.read(files)
              .filter(known -> known.process().filter(process::equals).isPresent())
              .filter(known -> known.running().isEmpty());
      // Else it was replaced or released by whoever had the claim.
      if (!closed && record.isPresent() && root.mounted(files.mountPoint()).isPresent()) {
        work.run(record.get(), files);
      }
    } catch (IOException | RuntimeException e) {
      if (!closed) {
        LOG.error("volume {}: its juicefs has ended and is not replaced", volume, e);
      }
    }
  }

  /** What has happened is found out while the successor starts, when that begins at once. */
  private void revive(MountRecord record, VolumeFiles files) throws IOException {
    VolumeId volume = record.volume();
    long ended = System.nanoTime();
    if (Trouble.after(troubles.get(volume), "", ended).delay().isZero()) {
      attempt(record, files, () -> noteEnd(record, files, ended));
      return;
    }
    Trouble trouble = noteEnd(record, files, ended);
    if (goesOn(record, trouble)) {
      schedule(record, trouble.delay());
    }
  }

  @CanIgnoreReturnValue
  private Trouble noteEnd(MountRecord record, VolumeFiles files, long ended) {
    VolumeId volume = record.volume();
    String cause = causes.of(record, files, keys.get(volume));
    health.note(volume, State.RESTARTING, cause);
    return troubles.compute(volume, (_, last) -> Trouble.after(last, cause, ended));
  }

  private void retry(MountRecord record, VolumeFiles files) throws IOException {
    attempt(record, files, () -> {});
  }

  private void attempt(MountRecord record, VolumeFiles files, Runnable meanwhile)
      throws IOException {
    Optional<BackendConnection> known = keys.get(record.volume());
    if (known.isEmpty()) {
      failed(record, "its keys are not known until it is published again");
      return;
    }
    try {
      now(record.request(known.get(), Deadline.after(ATTEMPT)), record, files, meanwhile);
    } catch (DriverException e) {
      LOG.debug("volume {}: no successor yet", record.volume(), e); // noted, and tried again
    }
  }

  private void failed(MountRecord record, String why) {
    Trouble trouble =
        troubles.compute(
            record.volume(), (_, last) -> Trouble.failed(last, why, System.nanoTime()));
    if (goesOn(record, trouble)) {
      schedule(record, trouble.delay());
    }
  }

  /** Tells what becomes of the mount: whether another attempt is to be made. */
  private boolean goesOn(MountRecord record, Trouble trouble) {
    VolumeId volume = record.volume();
    Duration lasts = trouble.lasts(System.nanoTime());
    if (lasts.compareTo(reviveFor) <= 0) {
      health.note(volume, State.RESTARTING, trouble.cause());
      return true;
    }
    health.note(
        volume,
        State.FAILED,
        "%s; given up after %d s: publish the volume again"
            .formatted(trouble.cause(), lasts.toSeconds()));
    troubles.remove(volume);
    belongings.dropDescriptor(volume);
    return false;
  }

  private void schedule(MountRecord record, Duration delay) {
    ProcessIdentity process = record.process().orElseThrow();
    if (!closed) {
      var _ =
          timer.schedule(
              () -> begin(record.volume(), process, this::retry),
              Math.max(delay.toMillis(), SOONEST.toMillis()),
              TimeUnit.MILLISECONDS);
    }
  }
}
