package io.juicebox.node.mount;

import io.juicebox.csi.ops.Steps;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Mounts a volume of which nothing is there. */
final class Start {
  private final MountSettings settings;
  private final Placeholder placeholder;
  private final DeadSessions deadSessions;
  private final Launch launch;
  private final Steps steps;

  Start(
      MountSettings settings,
      Placeholder placeholder,
      DeadSessions deadSessions,
      Launch launch,
      Steps steps) {
    this.settings = settings;
    this.placeholder = placeholder;
    this.deadSessions = deadSessions;
    this.launch = launch;
    this.steps = steps;
  }

  /**
   * Leaves whatever it did when it throws: the record then names the process, if one was started.
   *
   * @throws io.juicebox.csi.status.DriverException as {@link Launch#run} does
   */
  void run(MountRequest request, VolumeFiles files) throws IOException {
    Path caches = request.context().mount().cacheDir().orElse(settings.cacheDir());
    MountRecord record = MountRecord.planned(request, caches);
    Files.createDirectories(files.home());
    files.linkCache(record.cache());
    record.write(files);
    steps.reached(NodeStep.RECORDED);
    placeholder.create(files.mountPoint());
    steps.reached(NodeStep.SEALED);
    new CacheDirectory(record.cache()).create();
    deadSessions.release(request, files.mountPoint());
    var _ = launch.run(request, files, record, new Succession.First(), () -> {});
  }
}
