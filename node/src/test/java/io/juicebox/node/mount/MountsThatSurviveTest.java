package io.juicebox.node.mount;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.juicebox.node.descriptor.DescriptorCopies;
import io.juicebox.node.kernel.Deadline;
import io.juicebox.test.server.Signals;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A mount whose process ends, hangs or is replaced goes on. */
class MountsThatSurviveTest extends MountsScene {
  private static final Duration SOON = Duration.ofSeconds(60);

  @Test
  void aKilledProcessIsReplacedByItself() throws IOException {
    MountRequest request = volumes.create();
    Mount mount = mounts.ensure(request);
    Path file = mount.directory().resolve("file");
    Files.writeString(file, "text");
    try (var reader = new OpenFile("<", file)) {
      Signals.kill(mount.pid());
      assertThat(reader.run("cat <&3; echo")).isEqualTo("text");
      assertThat(file).hasContent("text");
    }
    await()
        .atMost(SOON)
        .until(
            () -> mounts.find(request.volume()).filter(it -> it.pid() != mount.pid()).isPresent());
    assertThat(mounts.find(request.volume()).orElseThrow().device()).isEqualTo(mount.device());
    release(request.volume());
    assertNothingLeft();
  }

  @Test
  void aRestartIsNotNoticed() throws IOException {
    MountRequest request = volumes.create();
    Mount mount = mounts.ensure(request);
    Path file = mount.directory().resolve("file");
    try (var writer = new OpenFile(">", file)) {
      assertThat(writer.run("echo one >&3")).isEqualTo("0");
      Restart restart = mounts.restart(request.volume(), Deadline.after(LIMIT));
      assertThat(restart).isInstanceOf(Restart.Restarted.class);
      assertThat(writer.run("echo two >&3")).isEqualTo("0");
    }
    assertThat(file).hasContent("one\ntwo\n");
    release(request.volume());
    assertNothingLeft();
  }

  @Test
  void aProcessThatDiedWhileNobodyLookedIsReplacedFromTheCopies() throws IOException {
    MountRequest request = volumes.create();
    Path copies = directory.path().resolve("copies");
    try (var plugin = new DescriptorCopies(copies)) {
      runWith(copies);
      Mount mount = mounts.ensure(request);
      Files.writeString(mount.directory().resolve("file"), "text");
      await().atMost(SOON).until(() -> plugin.held() == 1);
      mounts.close();
      Signals.kill(mount.pid());
      runWith(copies);
      assertThat(mount.directory().resolve("file")).hasContent("text");
      await()
          .atMost(SOON)
          .until(() ->
              mounts.find(request.volume()).filter(it -> it.pid() != mount.pid()).isPresent());
      release(request.volume());
      await().atMost(SOON).until(() -> plugin.held() == 0);
    }
    assertNothingLeft();
  }

  @Test
  void aMountThatWasTakenOffIsMountedAgainFromAPublication() throws IOException {
    MountRequest request = volumes.create();
    Mount mount = mounts.ensure(request);
    Path other = Files.createDirectories(directory.path().resolve("published"));
    KERNEL.bind(mount.directory(), other, Set.of());
    try {
      KERNEL.detach(mount.directory());
      assertThat(mounts.find(request.volume())).isEmpty();
      Mount again = mounts.ensure(request);
      assertThat(again).isEqualTo(mount);
    } finally {
      KERNEL.unmount(other);
    }
    release(request.volume());
    assertNothingLeft();
  }

  @Test
  void afterAHandOverTheNextProgramGoesOn() throws IOException {
    MountRequest request = volumes.create();
    Path copies = directory.path().resolve("copies");
    try (var plugin = new DescriptorCopies(copies)) {
      runWith(copies);
      Mount mount = mounts.ensure(request);
      Path file = mount.directory().resolve("file");
      await().atMost(SOON).until(() -> plugin.held() == 1);
      try (var writer = new OpenFile(">", file)) {
        assertThat(writer.run("echo one >&3")).isEqualTo("0");
        mounts.handOver(Deadline.after(LIMIT));
        assertThat(ProcessIdentity.running(mount.pid())).isEmpty();
        runWith(copies);
        assertThat(writer.run("echo two >&3")).isEqualTo("0");
      }
      assertThat(file).hasContent("one\ntwo\n");
    }
    release(request.volume());
    assertNothingLeft();
  }
}
