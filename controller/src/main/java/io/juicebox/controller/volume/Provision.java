package io.juicebox.controller.volume;

import io.juicebox.controller.credential.Blank;
import io.juicebox.controller.credential.VolumeCredentials;
import io.juicebox.controller.fork.Renewal;
import io.juicebox.controller.format.Formatter;
import io.juicebox.controller.format.NewFilesystem;
import io.juicebox.controller.meta.FilesystemSetting;
import io.juicebox.controller.meta.Metadata;
import io.juicebox.controller.redis.PasswordHash;
import io.juicebox.controller.registry.Claim;
import io.juicebox.controller.registry.VolumeRecord;
import io.juicebox.csi.ops.Steps;
import io.juicebox.csi.status.DriverException.Failed;
import io.juicebox.csi.status.DriverException.OperationPending;
import io.juicebox.csi.status.Printable;
import io.juicebox.csi.volume.BackendConnection;
import io.juicebox.csi.volume.CredentialName;
import io.juicebox.csi.volume.Credentials;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Makes all that a volume consists of: its bucket and owner object, its filesystem, its
 * credentials. None of the three needs another, so they are made at once. May be run again at any
 * point.
 */
final class Provision {
  private final Formatter formatter;
  private final Copying copying;
  private final Steps steps;

  Provision(Formatter formatter, Copying copying, Steps steps) {
    this.formatter = formatter;
    this.copying = copying;
    this.steps = steps;
  }

  /**
   * What was made.
   *
   * @param password of the volume's own Redis user, if it has one
   */
  record Made(FilesystemSetting filesystem, Optional<PasswordHash> password) {}

  /**
   * Makes it.
   *
   * @param blank an account that was made for this volume
   */
  Made run(
      Backend backend,
      VolumePlan plan,
      Claim claim,
      VolumeRecord volume,
      Optional<Blank> blank,
      Deadline deadline) {
    try (var tasks = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<?> objects = tasks.submit(() -> makeObjects(backend, volume));
      Future<Optional<PasswordHash>> password =
          tasks.submit(() -> makeCredentials(backend, volume, blank, deadline));
      FilesystemSetting filesystem =
          volume.origin().isPresent()
              ? copyFilesystem(backend, plan, claim, volume, deadline)
              : makeFilesystem(backend, plan, volume);
      await(objects, volume);
      return new Made(filesystem, await(password, volume));
    }
  }

  /** Those of a copy are its lineage's, which are there. */
  private void makeObjects(Backend backend, VolumeRecord volume) {
    if (volume.origin().isPresent()) {
      return;
    }
    backend.buckets().ensure(volume.bucket());
    steps.reached(ControllerStep.CREATE_BUCKET);
    backend.buckets().putOwner(volume);
    steps.reached(ControllerStep.CREATE_OWNER);
  }

  private Optional<PasswordHash> makeCredentials(
      Backend backend, VolumeRecord volume, Optional<Blank> blank, Deadline deadline) {
    if (volume.credentials() == Credentials.SHARED) {
      return Optional.empty();
    }
    VolumeCredentials credentials = backend.credentials();
    BackendConnection kept = credentials.keep(volume, blank);
    steps.reached(ControllerStep.CREATE_KEPT);
    PasswordHash password = credentials.makeUser(volume, CredentialName.first(volume.id()), kept);
    steps.reached(ControllerStep.CREATE_USER);
    credentials.makeAccount(volume, kept, blank, deadline.left());
    steps.reached(ControllerStep.CREATE_ACCOUNT);
    return Optional.of(password);
  }

  private FilesystemSetting makeFilesystem(Backend backend, VolumePlan plan, VolumeRecord volume) {
    NewFilesystem filesystem = format(backend, plan, volume);
    FilesystemSetting there =
        backend
            .metadata()
            .make(volume.number(), filesystem, volume.member(), plan.parameters().root());
    steps.reached(ControllerStep.CREATE_PREPARED);
    return own(volume, there);
  }

  private NewFilesystem format(Backend backend, VolumePlan plan, VolumeRecord volume) {
    NewFilesystem filesystem =
        formatter.format(
            backend.connection(),
            volume.lineage(),
            volume.bucket(),
            volume.capacity(),
            plan.parameters().format());
    steps.reached(ControllerStep.CREATE_FORMATTED);
    return filesystem;
  }

  /** A setting that is there was the last thing that an earlier call wrote. */
  private FilesystemSetting copyFilesystem(
      Backend backend, VolumePlan plan, Claim claim, VolumeRecord volume, Deadline deadline) {
    Metadata metadata = backend.metadata();
    Optional<FilesystemSetting> there = metadata.setting(volume.number());
    if (there.isEmpty()) {
      var renewal = new Renewal(format(backend, plan, volume), volume.member());
      copying.fill(backend, claim, volume, renewal, deadline);
      steps.reached(ControllerStep.CREATE_PREPARED);
      there = metadata.setting(volume.number());
    }
    return own(volume, there.orElseThrow(() -> gone(volume)));
  }

  private static OperationPending gone(VolumeRecord volume) {
    return new OperationPending(volume.id().value()); // whoever took the claim over removed it
  }

  private static FilesystemSetting own(VolumeRecord volume, FilesystemSetting there) {
    if (!there.name().equals(volume.lineage().value())) {
      throw new Failed(
          "number %s of Redis holds the filesystem %s, not that of volume %s"
              .formatted(volume.number(), Printable.of(there.name()), volume.id()));
    }
    return there;
  }

  private static <T> T await(Future<T> task, VolumeRecord volume) {
    try {
      return task.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException known
          ? known
          : new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new OperationPending(volume.id().value());
    }
  }
}
