package io.juicebox.node;

import io.juicebox.csi.juicefs.Juicefs;
import io.juicebox.csi.juicefs.JuicefsCheck;
import io.juicebox.csi.ops.Steps;
import io.juicebox.node.health.HealthWatch;
import io.juicebox.node.kernel.BoundedCalls;
import io.juicebox.node.kernel.Kernel;
import io.juicebox.node.mount.InProcessMounts;
import io.juicebox.node.mount.MountSettings;
import io.juicebox.node.mount.Mounts;
import io.juicebox.node.proof.VolumeBackend;
import java.nio.file.Path;
import java.util.Optional;

/** Mounts whose juicefs processes the node program starts itself, for development and tests. */
final class OwnMounts implements MountSource {
  private final InProcessMounts mounts;
  private final JuicefsCheck juicefs;

  OwnMounts(
      NodeSettings settings,
      Path state,
      Kernel kernel,
      BoundedCalls calls,
      VolumeBackend backend,
      Steps steps) {
    this.mounts =
        new InProcessMounts(
            mountSettings(settings, state), kernel, calls, Optional.empty(), backend, steps);
    this.juicefs = new JuicefsCheck(new Juicefs(Path.of(settings.juicefs())));
  }

  @Override
  public Mounts mounts() {
    return mounts;
  }

  @Override
  public void start(HealthWatch health) {
    mounts.recover();
    var _ = mounts.watch(health::told);
    health.toldAll(mounts.health().values());
    Thread.ofVirtual().name("juicefs-check").start(juicefs::report);
  }

  @Override
  public String unready() {
    return juicefs.unready();
  }

  @Override
  public void close() {
    mounts.close();
  }

  private static MountSettings mountSettings(NodeSettings settings, Path state) {
    return new MountSettings(
        state,
        settings.cacheDirectory(),
        settings.limits().runDirectory(),
        settings.juicefs(),
        settings.nodeId(),
        settings.filesystemTimeout(),
        settings.limits().memoryLimit(),
        settings.limits().reviveFor(),
        settings.limits().hungAfter());
  }
}
