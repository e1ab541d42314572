package io.juicebox.node.mount;

import static org.assertj.core.api.Assertions.assertThat;

import io.juicebox.csi.ops.Steps;
import io.juicebox.csi.volume.VolumeId;
import io.juicebox.node.kernel.BoundedCalls;
import io.juicebox.node.kernel.Deadline;
import io.juicebox.node.kernel.LinuxKernel;
import io.juicebox.node.proof.RemoteBackend;
import io.juicebox.test.server.Remains;
import io.juicebox.test.server.TestDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;

/** Real juicefs processes and FUSE mounts on a real Redis and MinIO; needs root. */
@Tag("real")
abstract class MountsScene {
  static final Duration LIMIT = Duration.ofSeconds(30);
  static final LinuxKernel KERNEL = new LinuxKernel();

  static TestingVolumes volumes;

  final TestDirectory directory = TestDirectory.create("mounts");
  final MountSettings settings = TestingVolumes.settings(directory);
  final BoundedCalls calls = new BoundedCalls(8);
  final RemoteBackend backend = new RemoteBackend(Duration.ofSeconds(8));
  InProcessMounts mounts;

  @BeforeAll
  static void startServers() {
    volumes = new TestingVolumes();
  }

  @AfterAll
  static void stopServers() {
    volumes.close();
  }

  @BeforeEach
  void start() {
    run(settings);
  }

  @AfterEach
  void stop() {
    mounts.list().forEach(mount -> release(mount.volume()));
    mounts.close();
    backend.close();
    calls.close();
    directory.close();
  }

  /** As after a restart of the program: nothing but the disk and the kernel know the mounts. */
  void restart() {
    mounts.close();
    run(settings);
  }

  private void run(MountSettings with) {
    mounts = program(with, step -> {});
    mounts.recover();
  }

  InProcessMounts program(MountSettings with, Steps steps) {
    return program(with, Optional.empty(), steps);
  }

  /** One whose descriptors have second copies elsewhere. */
  void runWith(Path copies) {
    mounts.close();
    mounts = program(settings, Optional.of(copies), step -> {});
    mounts.recover();
  }

  private InProcessMounts program(MountSettings with, Optional<Path> copies, Steps steps) {
    return new InProcessMounts(with, KERNEL, calls, copies, backend, steps);
  }

  MountSettings withTimeout(Duration timeout) {
    return new MountSettings(
        settings.stateDir(),
        settings.cacheDir(),
        settings.runDir(),
        settings.juicefs(),
        settings.nodeId(),
        timeout,
        settings.memoryLimit(),
        settings.reviveFor(),
        settings.hungAfter());
  }

  Path mountPoint(MountRequest request) throws IOException {
    return settings.stateDir().toRealPath().resolve("volumes/" + request.volume() + "/mount");
  }

  void release(VolumeId volume) {
    mounts.release(volume, Deadline.after(LIMIT));
  }

  void assertNothingLeft() {
    Path root = directory.path();
    assertThat(KERNEL.mounts().mounts())
        .noneMatch(mount -> mount.mountPoint().startsWith(root.toString()));
    assertThat(root.resolve("state/volumes")).isEmptyDirectory();
    if (Files.exists(settings.cacheDir())) {
      assertThat(settings.cacheDir()).isEmptyDirectory();
    }
    assertThat(processes()).isEmpty();
  }

  List<Long> processes() {
    return Remains.processesNaming(directory.path());
  }
}
