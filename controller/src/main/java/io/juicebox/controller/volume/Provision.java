package io.juicebox.controller.volume;

import io.juicebox.controller.credential.Blank;
import io.juicebox.controller.credential.VolumeCredentials;
import io.juicebox.controller.format.Formatter;
import io.juicebox.controller.format.NewFilesystem;
import io.juicebox.controller.meta.FilesystemSetting;
import io.juicebox.controller.redis.PasswordHash;
import io.juicebox.controller.registry.VolumeRecord;
import io.juicebox.csi.ops.Steps;
import io.juicebox.csi.status.DriverException.Failed;
import io.juicebox.csi.status.DriverException.OperationPending;
import io.juicebox.csi.status.Printable;
import io.juicebox.csi.volume.BackendConnection;
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
  private final Steps steps;

  Provision(Formatter formatter, Steps steps) {
    this.formatter = formatter;
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
      VolumeRecord volume,
      Optional<Blank> blank,
      Deadline deadline) {
    try (var tasks = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<?> objects = tasks.submit(() -> makeObjects(backend, volume));
      Future<Optional<PasswordHash>> password =
          tasks.submit(() -> makeCredentials(backend, volume, blank, deadline));
      FilesystemSetting filesystem = makeFilesystem(backend, plan, volume);
      await(objects, volume);
      return new Made(filesystem, await(password, volume));
    }
  }

  private void makeObjects(Backend backend, VolumeRecord volume) {
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
    PasswordHash password = credentials.makeUser(volume, kept);
    steps.reached(ControllerStep.CREATE_USER);
    credentials.makeAccount(volume, kept, blank, deadline.left());
    steps.reached(ControllerStep.CREATE_ACCOUNT);
    return Optional.of(password);
  }

  private FilesystemSetting makeFilesystem(Backend backend, VolumePlan plan, VolumeRecord volume) {
    NewFilesystem filesystem =
        formatter.format(
            backend.connection(),
            volume.lineage(),
            volume.bucket(),
            volume.capacity(),
            plan.parameters().format());
    steps.reached(ControllerStep.CREATE_FORMATTED);
    FilesystemSetting there =
        backend
            .metadata()
            .make(volume.number(), filesystem, volume.member(), plan.parameters().root());
    steps.reached(ControllerStep.CREATE_PREPARED);
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
