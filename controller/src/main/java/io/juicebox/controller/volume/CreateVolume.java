package io.juicebox.controller.volume;

import io.juicebox.controller.credential.Blank;
import io.juicebox.controller.format.Formatter;
import io.juicebox.controller.meta.FilesystemSetting;
import io.juicebox.controller.registry.Admission;
import io.juicebox.controller.registry.Claim;
import io.juicebox.controller.registry.Intent;
import io.juicebox.controller.registry.Intent.Preparation;
import io.juicebox.controller.registry.IntentOutcome;
import io.juicebox.controller.registry.VolumeRecord;
import io.juicebox.controller.registry.VolumeRecord.State;
import io.juicebox.csi.ops.Steps;
import io.juicebox.csi.status.DriverException;
import io.juicebox.csi.status.DriverException.AlreadyExists;
import io.juicebox.csi.status.DriverException.BackendUnavailable;
import io.juicebox.csi.status.DriverException.Exhausted;
import io.juicebox.csi.status.DriverException.Late;
import io.juicebox.csi.status.DriverException.OperationPending;
import io.juicebox.csi.status.DriverException.PreconditionFailed;
import io.juicebox.csi.status.Printable;
import io.juicebox.csi.volume.BucketMode;
import io.juicebox.csi.volume.Capacity;
import io.juicebox.csi.volume.Lineage;
import io.juicebox.csi.volume.VolumeContext;
import io.juicebox.csi.volume.VolumeId;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a volume: an intent in the registry, then steps that may each be repeated, then READY.
 *
 * <p>The same request continues an unfinished volume or answers the finished one. After a failure
 * that the CO will repeat the intent stays; before any other the volume is undone.
 */
public final class CreateVolume {
  private static final Logger LOG = LoggerFactory.getLogger(CreateVolume.class);
  private static final Duration UNDO = Duration.ofSeconds(5);

  private final Backends backends;
  private final Sources sources;
  private final Provision provision;
  private final Removal removal;
  private final Capacity defaultCapacity;
  private final Steps steps;

  public CreateVolume(
      Backends backends,
      Formatter formatter,
      Copying copying,
      Removal removal,
      Capacity defaultCapacity,
      Steps steps) {
    this.backends = backends;
    this.sources = new Sources(backends);
    this.provision = new Provision(formatter, copying, steps);
    this.removal = removal;
    this.defaultCapacity = defaultCapacity;
    this.steps = steps;
  }

  /** The ready volume; its context is present. */
  public VolumeRecord create(VolumeRequest request, Deadline deadline) {
    Optional<Source> source = request.source().flatMap(sources::find);
    if (source.isEmpty() && request.source().isPresent()) {
      SourceId missing = request.source().get();
      return madeBefore(request, missing).orElseThrow(() -> Sources.missing(missing));
    }
    VolumePlan plan = VolumePlan.of(request, defaultCapacity, source);
    Backend backend = backends.chosen(plan.parameters().backend());
    backends.requireNotElsewhere(
        "volume", request.name(), backend, (other, name) -> other.registry().named(name));
    if (source.isPresent() && backend.registry().named(request.name()).isEmpty()) {
      source.get().requireRoom(plan.capacity()); // it may have grown since a copy was begun
    }
    if (source.isEmpty() && plan.parameters().bucketMode() == BucketMode.SHARED) {
      // Before the intent: an object store that refuses us must not cost a number on each attempt.
      backend.buckets().ensure(backend.connection().bucket());
    }
    Optional<Exhausted> full = backend.memory().full();
    Optional<Blank> blank = blank(request.name(), plan, backend);
    Intent intent = intent(request.name(), plan, backend, blank);
    return switch (intend(backend, intent, blank, full, deadline)) {
      case IntentOutcome.Claimed(Claim claim, VolumeRecord volume) -> {
        var own = blank.filter(it -> it.id().equals(volume.id()));
        yield finish(backend, plan, claim, volume, own, deadline);
      }
      case IntentOutcome.Ready(VolumeRecord volume) -> volume;
      case IntentOutcome.Held _ -> throw new OperationPending(request.name());
      case IntentOutcome.OtherRequest(VolumeId id) ->
          throw new AlreadyExists(
              ("volume %s exists as %s, made with another capacity range, other capabilities or"
                      + " parameters")
                  .formatted(Printable.of(request.name()), id));
      case IntentOutcome.BlankLost _ -> create(request, deadline); // with another, or without
      case IntentOutcome.NoOrigin _ -> throw Sources.missing(request.source().orElseThrow());
      case IntentOutcome.NoNumber _ ->
          throw new Exhausted(
              ("%s has no free database left: raise `databases` in its configuration or delete"
                      + " volumes")
                  .formatted(backend.connection().redisName()));
      case IntentOutcome.PoolFull _ -> throw backend.registry().poolFull();
      case IntentOutcome.NotAdmitted _ -> throw full.orElseThrow();
    };
  }

  /** A copy that is ready, whatever became of its source since. */
  private Optional<VolumeRecord> madeBefore(VolumeRequest request, SourceId source) {
    String canonical = VolumePlan.canonical(request);
    return VolumeId.tryParse(source.id())
        .flatMap(backends::of)
        .map(Backend::registry)
        .flatMap(registry -> registry.named(request.name()).flatMap(registry::find))
        .filter(it -> it.state() == State.READY && it.request().equals(canonical));
  }

  /**
   * An account for the volume to come.
   *
   * @throws PreconditionFailed where there can't be any
   */
  private static Optional<Blank> blank(String name, VolumePlan plan, Backend backend) {
    return switch (plan.parameters().credentials()) {
      case PER_VOLUME -> backend.credentials().takeBlank(name);
      case SHARED -> Optional.empty();
    };
  }

  /** A blank that becomes no volume goes back. */
  private static IntentOutcome intend(
      Backend backend,
      Intent intent,
      Optional<Blank> blank,
      Optional<Exhausted> full,
      Deadline deadline) {
    boolean spent = false;
    try {
      Admission admission = full.isPresent() ? Admission.CLOSED : Admission.OPEN;
      IntentOutcome outcome = Claims.intend(backend.registry(), intent, admission, deadline);
      spent =
          outcome instanceof IntentOutcome.BlankLost
              || (outcome instanceof IntentOutcome.Claimed(Claim _, VolumeRecord volume)
                  && volume.id().equals(intent.id()));
      return outcome;
    } finally {
      if (!spent) {
        blank.ifPresent(it -> backend.credentials().giveBack(it));
      }
    }
  }

  private static Intent intent(
      String name, VolumePlan plan, Backend backend, Optional<Blank> blank) {
    VolumeId id = blank.map(Blank::id).orElseGet(() -> VolumeId.random(backend.name()));
    Lineage lineage = plan.source().map(Source::lineage).orElseGet(() -> Lineage.startedBy(id));
    var bucketMode = plan.parameters().bucketMode();
    return new Intent(
        name,
        plan.canonical(),
        id,
        plan.capacity(),
        lineage,
        switch (bucketMode) {
          case SHARED -> plan.source().map(Source::bucket).orElseGet(backend.connection()::bucket);
          case DEDICATED -> lineage.value();
        },
        bucketMode,
        plan.parameters().credentials(),
        Source.blocks(plan.parameters()),
        plan.source().map(Source::origin),
        blank.isPresent() ? Preparation.BLANK : Preparation.NONE);
  }

  private VolumeRecord finish(
      Backend backend,
      VolumePlan plan,
      Claim claim,
      VolumeRecord volume,
      Optional<Blank> blank,
      Deadline deadline) {
    try (claim) {
      try {
        steps.reached(ControllerStep.CREATE_INTENT);
        Provision.Made made = provision.run(backend, plan, claim, volume, blank, deadline);
        VolumeRecord ready =
            backend
                .registry()
                .ready(claim, context(plan, volume, made.filesystem()), made.password());
        steps.reached(ControllerStep.CREATE_READY);
        return ready;
      } catch (RuntimeException e) {
        if (!willBeRepeated(e)) {
          undo(backend, claim, volume, e);
        } else if (e instanceof OperationPending) {
          Removal.removeStrays(backend, volume, e);
        }
        throw e;
      }
    }
  }

  private static VolumeContext context(
      VolumePlan plan, VolumeRecord volume, FilesystemSetting filesystem) {
    var context =
        new VolumeContext(
            volume.number(),
            volume.lineage(),
            filesystem.uuid(),
            volume.bucket(),
            plan.cacheClass(),
            plan.parameters().mount());
    return (volume.origin().isPresent() ? context.ofCopy(volume.id()) : context)
        .madeFor(plan.pvc());
  }

  /** Whether the CO calls again after this failure (specification, "CreateVolume Errors"). */
  static boolean willBeRepeated(RuntimeException e) {
    return e instanceof BackendUnavailable || e instanceof OperationPending || e instanceof Late;
  }

  /**
   * The CO will not come back, so nothing may be left. Once the tombstone stands the sweeper
   * finishes what fails here; where it can't be made the CO must come back after all.
   */
  private void undo(Backend backend, Claim claim, VolumeRecord volume, RuntimeException why) {
    try {
      backend.registry().bury(claim);
    } catch (OperationPending e) { // somebody else has the volume now
      why.addSuppressed(e);
      Removal.removeStrays(backend, volume, why);
      return;
    }
    steps.reached(ControllerStep.DELETE_BURIED);
    try {
      removal.run(backend, claim, volume, Deadline.in(UNDO));
    } catch (DriverException e) {
      LOG.warn(
          "what was made of volume {} goes with a later sweep: {}", volume.id(), e.getMessage());
      why.addSuppressed(e);
    }
  }
}
