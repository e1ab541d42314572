package io.juicebox.node.mount;

import static org.assertj.core.api.Assertions.assertThat;

import io.juicebox.node.kernel.BoundedCalls;
import io.juicebox.node.kernel.Deadline;
import io.juicebox.node.kernel.LinuxKernel;
import io.juicebox.test.server.TestDirectory;
import java.nio.file.Files;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Real juicefs processes and FUSE mounts on a real Redis and MinIO; needs root. */
class InProcessMountsTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final LinuxKernel KERNEL = new LinuxKernel();

  private static TestingVolumes volumes;

  private final TestDirectory directory = TestDirectory.create("mounts");
  private final MountSettings settings = TestingVolumes.settings(directory);
  private final BoundedCalls calls = new BoundedCalls(8);
  private InProcessMounts mounts;

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
    mounts = restarted();
  }

  @AfterEach
  void stop() {
    mounts.list().forEach(mount -> mounts.release(mount.volume(), Deadline.after(LIMIT)));
    mounts.close();
    calls.close();
    directory.close();
  }

  @Test
  void writesAndReadsThroughTheMount() throws Exception {
    Mount mount = mounts.ensure(volumes.create());

    Files.writeString(mount.directory().resolve("file"), "text");

    assertThat(mount.directory().resolve("file")).hasContent("text");
  }

  /** As after a restart of the program: nothing but the disk and the kernel know the mounts. */
  private InProcessMounts restarted() {
    var fresh = new InProcessMounts(settings, KERNEL, calls, step -> {});
    fresh.recover();
    return fresh;
  }
}
