package io.juicebox.controller.volume;

import io.juicebox.controller.registry.Claim;
import io.juicebox.controller.registry.ClaimOutcome;
import io.juicebox.controller.registry.SnapshotRecord;
import io.juicebox.controller.registry.Snapshots;
import io.juicebox.controller.registry.Unfinished;
import io.juicebox.controller.registry.VolumeRecord;
import io.juicebox.controller.registry.VolumeRecord.State;
import io.juicebox.csi.ops.Steps;
import io.juicebox.csi.status.DriverException;
import io.juicebox.csi.status.DriverException.PreconditionFailed;
import io.juicebox.csi.volume.VolumeId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finishes what calls left half-done on one backend, at the start and from time to time: tombstones
 * with remains of volumes and snapshots, intents that no CO has come back to, and filesystems that
 * have yet to grow. One controller at a time does it. What fails has its next turn later, after up
 * to eight intervals, so that it holds up nobody. Of these only who waits for an expansion still
 * has a claim to be told at.
 */
public final class Sweeper {
  private static final Logger LOG = LoggerFactory.getLogger(Sweeper.class);
  private static final int MOST = 100;
  private static final int AT_ONCE = 4;
  private static final Duration TURN = Duration.ofSeconds(30);
  private static final Duration SOON = Duration.ofSeconds(1);

  /** When to come back to a volume. */
  enum Again {
    NOT,
    AT_ONCE,
    /** Another call or a dead controller's claim is on it. */
    SOON,
    /** It failed, or another controller sweeps. */
    LATER
  }

  private final Backend backend;
  private final Removal removal;
  private final Duration intentTimeout;
  private final Duration interval;
  private final FailureReports reports;
  private final Steps steps;
  private final BlockingQueue<Boolean> wakeUps = new ArrayBlockingQueue<>(1);

  public Sweeper(
      Backend backend,
      Removal removal,
      Duration intentTimeout,
      Duration interval,
      FailureReports reports,
      Steps steps) {
    this.backend = backend;
    this.removal = removal;
    this.intentTimeout = intentTimeout;
    this.interval = interval;
    this.reports = reports;
    this.steps = steps;
  }

  /** Sweeps now and then for the life of the process, on a virtual thread. */
  public void start() {
    Thread.ofVirtual().name("sweeper-" + backend.name().value()).start(this::run);
  }

  /** Makes the next sweep begin at once. */
  public void wake() {
    wakeUps.offer(true);
  }

  private void run() {
    try {
      while (!Thread.currentThread().isInterrupted()) {
        Duration pause = pause(sweepOrLog());
        wakeUps.poll(pause.toMillis(), TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Duration pause(Again again) {
    return switch (again) {
      case AT_ONCE -> Duration.ZERO;
      case SOON -> SOON;
      case NOT, LATER -> interval;
    };
  }

  private Again sweepOrLog() throws InterruptedException {
    try {
      return sweep();
    } catch (DriverException e) {
      LOG.warn("backend {} could not be swept: {}", backend.name().value(), e.getMessage());
      return Again.LATER;
    } catch (RuntimeException e) {
      LOG.error("the sweep of backend {} failed", backend.name().value(), e);
      return Again.LATER;
    }
  }

  /** One sweep, unless another controller is at it. */
  Again sweep() throws InterruptedException {
    var lease = backend.registry().claimSweep();
    if (lease.isEmpty()) {
      return Again.SOON;
    }
    try (var _ = lease.get()) {
      Unfinished unfinished = backend.registry().unfinished(intentTimeout, MOST);
      var work = new ArrayList<Callable<Again>>();
      Stream.of(unfinished.tombstones(), unfinished.intents(), unfinished.growing())
          .flatMap(List::stream)
          .forEach(id -> work.add(() -> finishOrLog("volume", id, this::finish)));
      Snapshots.Unfinished snapshots = backend.snapshots().unfinished(intentTimeout, MOST);
      Stream.of(snapshots.tombstones(), snapshots.intents())
          .flatMap(List::stream)
          .forEach(id -> work.add(() -> finishOrLog("snapshot", id, this::finishSnapshot)));
      return inParallel(work);
    }
  }

  private static Again inParallel(List<Callable<Again>> work) throws InterruptedException {
    if (work.isEmpty()) {
      return Again.NOT;
    }
    try (var threads =
        Executors.newFixedThreadPool(AT_ONCE, Thread.ofVirtual().name("sweep-", 0).factory())) {
      var outcomes = threads.invokeAll(work).stream().map(future -> future.resultNow()).toList();
      return Stream.of(Again.AT_ONCE, Again.SOON, Again.LATER)
          .filter(outcomes::contains)
          .findFirst()
          .orElse(Again.NOT);
    }
  }

  private static Again finishOrLog(String kind, VolumeId id, Function<VolumeId, Again> finish) {
    try {
      return finish.apply(id);
    } catch (DriverException e) {
      LOG.warn("{} {} could not be finished: {}", kind, id, e.getMessage());
      return Again.LATER;
    } catch (RuntimeException e) {
      LOG.error("finishing {} {} failed", kind, id, e);
      return Again.LATER;
    }
  }

  private Again finishSnapshot(VolumeId id) {
    Optional<Claim> taken = backend.snapshots().claim(id);
    if (taken.isEmpty()) {
      return Again.SOON;
    }
    try (Claim claim = taken.get()) {
      Optional<SnapshotRecord> snapshot =
          backend.snapshots().find(id).filter(it -> it.state() != State.READY); // its CO came back
      return snapshot.isPresent() ? removeSnapshot(claim, snapshot.get()) : Again.NOT;
    }
  }

  private Again removeSnapshot(Claim claim, SnapshotRecord snapshot) {
    if (snapshot.state() == State.CREATING) {
      LOG.info("snapshot {} was never finished and is undone", snapshot.id());
      backend.snapshots().bury(claim);
      steps.reached(ControllerStep.SNAPSHOT_BURIED);
    }
    try {
      return again(removal.run(backend, claim, snapshot, Deadline.in(TURN)), snapshot.bucket());
    } catch (RuntimeException e) {
      defer(e, () -> backend.snapshots().defer(claim, interval));
      throw e;
    }
  }

  private Again finish(VolumeId id) {
    return switch (backend.registry().claim(id)) {
      case ClaimOutcome.Absent _ -> Again.NOT;
      case ClaimOutcome.Held _ -> Again.SOON;
      case ClaimOutcome.Claimed(Claim claim, VolumeRecord volume) -> {
        try (claim) {
          yield finish(claim, volume);
        }
      }
    };
  }

  private Again finish(Claim claim, VolumeRecord volume) {
    try {
      return switch (volume.state()) {
        case CREATING -> undo(claim, volume);
        case READY -> grow(claim, volume); // its CO may also have come back and made it
        case DELETING -> remove(claim, volume);
      };
    } catch (RuntimeException e) {
      defer(e, () -> backend.registry().defer(claim, interval));
      throw e;
    }
  }

  private Again undo(Claim claim, VolumeRecord volume) {
    LOG.info("volume {} was never finished and is undone", volume.id());
    backend.registry().bury(claim);
    steps.reached(ControllerStep.DELETE_BURIED);
    return remove(claim, volume);
  }

  private Again grow(Claim claim, VolumeRecord volume) {
    try {
      backend
          .metadata()
          .resize(volume.number(), volume.context().orElseThrow().uuid(), volume.capacity());
    } catch (DriverException e) {
      reports.expansionFailed(volume.id(), String.valueOf(e.getMessage()));
      throw e;
    }
    backend.registry().grown(claim);
    return Again.NOT;
  }

  private Again remove(Claim claim, VolumeRecord volume) {
    return again(removal.run(backend, claim, volume, Deadline.in(TURN)), volume.bucket());
  }

  private static Again again(Removal.Progress progress, String bucket) {
    return switch (progress) {
      case DONE -> Again.NOT;
      case MORE -> Again.AT_ONCE;
      case BUCKET_MISSING ->
          throw new PreconditionFailed(
              "bucket %s is missing and may come back with its objects: if it is lost for good, make an empty one"
                  .formatted(bucket));
    };
  }

  /** Those that fail for good must not keep the others from their turn. */
  private static void defer(RuntimeException why, Runnable deferral) {
    try {
      deferral.run();
    } catch (DriverException e) {
      why.addSuppressed(e); // it is tried again with the next sweep
    }
  }
}
