package io.juicebox.node.mount;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.juicebox.csi.ops.Steps;
import io.juicebox.csi.status.DriverException.BackendUnavailable;
import io.juicebox.csi.status.DriverException.Failed;
import io.juicebox.csi.status.DriverException.Late;
import io.juicebox.csi.status.DriverException.NotFound;
import io.juicebox.csi.status.DriverException.OperationPending;
import io.juicebox.csi.status.DriverException.Unauthenticated;
import io.juicebox.csi.volume.BackendConnection;
import io.juicebox.csi.volume.MountOptions;
import io.juicebox.csi.volume.VolumeContext;
import io.juicebox.node.kernel.Deadline;
import io.juicebox.test.server.Signals;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

/** What a mount is, how long its calls take, and its end. */
class InProcessMountsTest extends MountsScene {
  @Test
  void writesAndReadsThroughTheMount() throws IOException {
    Mount mount = mounts.ensure(volumes.create());

    Files.writeString(mount.directory().resolve("file"), "text");

    assertThat(mount.directory().resolve("file")).hasContent("text");
  }

  @Test
  void ensuringTwiceIsOneMount() {
    MountRequest request = volumes.create();
    Mount mount = mounts.ensure(request);

    assertThat(mounts.ensure(request)).isEqualTo(mount);
    assertThat(mounts.find(request.volume())).contains(mount);
    assertThat(mounts.list()).containsExactly(mount);
    assertThat(mount.uuid()).isEqualTo(request.context().uuid());
    assertThat(KERNEL.mounts().stackedAt(mount.directory())).hasSize(1);
    assertThat(processes()).containsExactly(mount.pid());
  }

  @Test
  void releaseLeavesNothing() throws IOException {
    MountRequest request = volumes.create();
    Mount mount = mounts.ensure(request);
    Files.writeString(mount.directory().resolve("file"), "text");

    release(request.volume());

    assertNothingLeft();
    assertThat(mounts.find(request.volume())).isEmpty();
    release(request.volume());
    assertThat(mounts.ensure(request).directory().resolve("file")).hasContent("text");
  }

  @Test
  void theJuicefsOptionsOfAMountAreRemembered() {
    MountRequest plain = volumes.create();
    var options = MountOptions.from(List.of("max-uploads=4", "noexec"), false);
    mounts.ensure(
        new MountRequest(
            plain.volume(), plain.context(), plain.backend(), options, plain.deadline()));

    assertThat(mounts.find(plain.volume()).orElseThrow().options()).isEqualTo(options.juicefs());
    assertThat(mounts.ensure(plain).options()).isEqualTo(options.juicefs());
  }

  @Test
  void sessionsCarryTheNodeId() {
    MountRequest request = volumes.create();
    mounts.ensure(request);

    assertThat(volumes.redis.cli(request.context().number().value(), "HVALS", "sessionInfos"))
        .contains("\"HostName\":\"node-of-the-test\"");
  }

  @Test
  void theSecretsAreNowhereOnDisk() throws IOException {
    MountRequest request = volumes.create();
    mounts.ensure(request);

    Path home = directory.path().resolve("state/volumes").resolve(request.volume().value());
    for (String file : List.of("mount.json", "juicefs.log")) {
      assertThat(home.resolve(file))
          .content()
          .doesNotContain(
              volumes.redis.password(), volumes.minio.accessKey(), volumes.minio.secretKey());
    }
    assertThat(Files.getPosixFilePermissions(home.resolve("mount.json"))).hasSize(2);
  }

  @Test
  void anotherFilesystemIsRefused() {
    MountRequest request = volumes.create();
    UUID other = UUID.fromString("11111111-2222-3333-4444-555555555555");

    assertThatThrownBy(() -> mounts.ensure(withUuid(request, other)))
        .isInstanceOf(NotFound.class)
        .hasMessageContaining("another volume");
    assertNothingLeft();
  }

  @Test
  void oneThatIsKilledWhileItMountsMayBeTriedAgain() {
    MountRequest request = volumes.create();
    mounts.close();
    mounts =
        program(
            settings,
            step -> {
              if (step == NodeStep.PID_RECORDED) {
                processes().forEach(Signals::kill);
              }
            });
    mounts.recover();

    assertThatThrownBy(() -> mounts.ensure(request))
        .isInstanceOf(BackendUnavailable.class)
        .hasMessageContaining("juicefs of volume " + request.volume())
        .hasMessageContaining("signal 9");
    assertNothingLeft();
  }

  @Test
  void aWrongPasswordIsTold() {
    MountRequest request = volumes.create();

    assertThatThrownBy(() -> mounts.ensure(withKey(request, "redis-password", "geheim")))
        .isInstanceOf(Unauthenticated.class)
        .hasMessageContaining("WRONGPASS")
        .hasMessageNotContaining("geheim");
    assertNothingLeft();
  }

  @Test
  void aRedisThatIsAwayIsToldSoon() {
    MountRequest request = withKey(volumes.create(), "redis-address", "redis://127.0.0.1:1");

    assertThatThrownBy(() -> mounts.ensure(request))
        .isInstanceOf(BackendUnavailable.class)
        .hasMessageContaining("127.0.0.1:1");
    assertThat(request.deadline().passed()).isFalse();
    assertNothingLeft();
  }

  @Test
  void aMissingJuicefsIsTold() {
    var broken =
        new MountSettings(
            settings.stateDir(),
            settings.cacheDir(),
            settings.runDir(),
            "/nowhere/juicefs",
            settings.nodeId(),
            settings.filesystemTimeout(),
            settings.memoryLimit(),
            settings.reviveFor(),
            settings.hungAfter());
    try (var without = program(broken, step -> {})) {
      assertThatThrownBy(() -> without.ensure(volumes.create()))
          .isInstanceOf(Failed.class)
          .hasMessageContaining("/nowhere/juicefs");
    }
    assertNothingLeft();
  }

  @Test
  void aSilentMountIsLateAndStays() {
    MountRequest request = volumes.create();
    Mount mount = mounts.ensure(request);
    MountRequest other = volumes.create();
    Signals.stop(mount.pid());
    try (var impatient = program(withTimeout(Duration.ofMillis(300)), step -> {})) {
      assertThatThrownBy(() -> impatient.ensure(request))
          .isInstanceOf(Late.class)
          .hasMessageContaining(request.volume().value());
      assertThat(impatient.find(request.volume())).contains(mount);
      impatient.ensure(other);
    } finally {
      Signals.resume(mount.pid());
    }
    await().until(() -> calls.hung() == 0);
    assertThat(mounts.ensure(request)).isEqualTo(mount);
  }

  @Test
  void aReleaseWaitsForTheProcessAndMayBeCalledAgain() {
    MountRequest request = volumes.create();
    Mount mount = mounts.ensure(request);
    Signals.stop(mount.pid());
    try {
      assertThatThrownBy(
              () -> mounts.release(request.volume(), Deadline.after(Duration.ofMillis(300))))
          .isInstanceOf(BackendUnavailable.class)
          .hasMessageContaining(Long.toString(mount.pid()));
      assertThat(mounts.find(request.volume())).isEmpty();
      assertThat(mounts.remains()).containsExactly(request.volume());
    } finally {
      Signals.resume(mount.pid());
    }
    release(request.volume());
    assertNothingLeft();
  }

  @Test
  void anOpenFileDoesNotStopARelease() throws Exception {
    MountRequest request = volumes.create();
    Path path = mounts.ensure(request).directory().resolve("file");
    var opened = new CountDownLatch(1);
    try (var user = Executors.newVirtualThreadPerTaskExecutor()) {
      var use =
          user.submit(() -> {
            try (var file = Files.newOutputStream(path)) {
              file.write(1);
              opened.countDown();
              await().until(() -> mounts.find(request.volume()).isEmpty()); // detached
            }
            return path;
          });
      opened.await();
      release(request.volume());
      assertThat(use.get()).isEqualTo(path);
    }
    assertNothingLeft();
    assertThat(mounts.ensure(request).directory().resolve("file")).hasSize(1);
  }

  @Test
  void aSecondCallWhileOneRunsIsRefused() throws Exception {
    MountRequest request = volumes.create();
    var reached = new CountDownLatch(1);
    var go = new CountDownLatch(1);
    Steps pausing =
        step -> {
          if (step == NodeStep.STARTED) {
            reached.countDown();
            await().until(() -> go.getCount() == 0);
          }
        };
    try (var paused = program(settings, pausing);
        var caller = Executors.newVirtualThreadPerTaskExecutor()) {
      var first = caller.submit(() -> paused.ensure(request));
      reached.await();
      assertThatThrownBy(() -> paused.release(request.volume(), Deadline.after(LIMIT)))
          .isInstanceOf(OperationPending.class);
      assertThatThrownBy(() -> paused.ensure(request)).isInstanceOf(OperationPending.class);
      go.countDown();
      assertThat(first.get().volume()).isEqualTo(request.volume());
    }
  }

  private static MountRequest withUuid(MountRequest request, UUID uuid) {
    VolumeContext of = request.context();
    var context =
        new VolumeContext(
            of.number(), of.lineage(), uuid, of.bucket(), of.cacheClass(), of.mount());
    return new MountRequest(
        request.volume(), context, request.backend(), request.options(), request.deadline());
  }

  private static MountRequest withKey(MountRequest request, String key, String value) {
    var keys =
        new HashMap<>(
            Map.of(
                "redis-address", volumes.redis.address(),
                "redis-password", volumes.redis.password(),
                "object-endpoint", volumes.minio.endpoint(),
                "object-access-key", volumes.minio.accessKey(),
                "object-secret-key", volumes.minio.secretKey()));
    keys.put(key, value);
    return new MountRequest(
        request.volume(),
        request.context(),
        BackendConnection.from("secrets", keys),
        request.options(),
        request.deadline());
  }
}
