package io.juicebox.node.publish;

import io.juicebox.csi.ops.Steps;
import io.juicebox.node.claim.Claims;
import io.juicebox.node.kernel.BoundedCalls;
import io.juicebox.node.kernel.LinuxKernel;
import io.juicebox.node.mount.InProcessMounts;
import io.juicebox.node.mount.MountSettings;
import io.juicebox.node.mount.TestingVolumes;
import io.juicebox.node.proof.VolumeBackend;
import io.juicebox.test.server.TestDirectory;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** A node program without its socket; making another one on the same directory is a restart. */
final class TestingNode implements AutoCloseable {
  static final String HOST = "node-of-the-test";
  static final Duration TIMEOUT = Duration.ofSeconds(4);

  final LinuxKernel kernel = new LinuxKernel();
  final InProcessMounts mounts;
  final UnusedMounts unused;
  final PublishVolume publish;
  final UnpublishVolume unpublish;
  final VolumeStats stats;
  private final BoundedCalls calls = new BoundedCalls(8);
  private final BoundedCalls looks = new BoundedCalls(2);

  TestingNode(TestDirectory directory, VolumeBackend backend, Steps steps) {
    var planned = TestingVolumes.settings(directory);
    var settings =
        new MountSettings(
            planned.stateDir(),
            planned.cacheDir(),
            planned.runDir(),
            planned.juicefs(),
            HOST,
            TIMEOUT,
            planned.memoryLimit(),
            planned.reviveFor(),
            planned.hungAfter());
    var claims = new Claims(Duration.ofSeconds(2));
    mounts = new InProcessMounts(settings, kernel, calls, Optional.empty(), backend, steps);
    mounts.recover();
    var publications = new Publications(settings.stateDir().resolve("publications"));
    var targets =
        new Targets(
            kernel,
            looks,
            publications,
            directory.path().resolve("kubelet"),
            List.of(settings.stateDir(), settings.cacheDir()),
            TIMEOUT);
    unused = new UnusedMounts(claims, kernel, mounts, Duration.ofSeconds(8));
    publish =
        new PublishVolume(
            HOST,
            claims,
            kernel,
            mounts,
            backend,
            targets,
            publications,
            unused,
            new RootGroup(calls, TIMEOUT),
            steps);
    unpublish =
        new UnpublishVolume(
            claims, kernel, calls, mounts, targets, publications, unused, TIMEOUT, steps);
    stats = new VolumeStats(kernel, calls, mounts, targets, TIMEOUT);
  }

  @Override
  public void close() {
    mounts.close();
    calls.close();
    looks.close();
  }
}
