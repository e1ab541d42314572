package io.juicebox.node.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.juicebox.csi.status.DriverException.NotFound;
import io.juicebox.csi.volume.BackendConnection;
import io.juicebox.csi.volume.VolumeContext;
import io.juicebox.csi.volume.VolumeId;
import io.juicebox.mountservice.v1.Health;
import io.juicebox.mountservice.v1.ListRequest;
import io.juicebox.mountservice.v1.ListResponse;
import io.juicebox.mountservice.v1.MountServiceGrpc;
import io.juicebox.node.kernel.BoundedCalls;
import io.juicebox.node.kernel.Deadline;
import io.juicebox.node.kernel.LinuxKernel;
import io.juicebox.node.mount.InProcessMounts;
import io.juicebox.node.mount.KnownMounts;
import io.juicebox.node.mount.Mount;
import io.juicebox.node.mount.MountHealth;
import io.juicebox.node.mount.MountRequest;
import io.juicebox.node.mount.MountSettings;
import io.juicebox.node.mount.TestingVolumes;
import io.juicebox.node.proof.RemoteBackend;
import io.juicebox.test.server.Remains;
import io.juicebox.test.server.TestDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Real mounts behind the service's socket; needs root. */
@Tag("real")
class MountServiceTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final LinuxKernel KERNEL = new LinuxKernel();

  private static TestingVolumes volumes;

  private final TestDirectory directory = TestDirectory.create("m");
  private final MountSettings settings = TestingVolumes.settings(directory);
  private final ServiceSockets sockets = new ServiceSockets(directory.path().resolve("s"));
  private final BoundedCalls calls = new BoundedCalls(8);
  private final RemoteBackend backend = new RemoteBackend(Duration.ofSeconds(8));
  private final RemoteMounts remote =
      new RemoteMounts(sockets, new KnownMounts(settings.stateDir(), KERNEL));
  private InProcessMounts mounts;
  private TestingService service;

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
    mounts = new InProcessMounts(settings, KERNEL, calls, Optional.empty(), backend, step -> {});
    mounts.recover();
    service = new TestingService(sockets, mounts);
  }

  @AfterEach
  void stop() {
    remote.list().forEach(mount -> remote.release(mount.volume(), Deadline.after(LIMIT)));
    remote.close();
    end();
    backend.close();
    calls.close();
    directory.close();
  }

  private void end() {
    service.close();
    mounts.close();
  }

  @Test
  void aVolumeIsMountedUsedListedAndUnmounted() throws IOException {
    MountRequest request = volumes.create();

    Mount mount = remote.ensure(request);

    assertThat(mount).isEqualTo(mounts.find(request.volume()).orElseThrow());
    assertThat(remote.ensure(request)).isEqualTo(mount);
    assertThat(remote.list()).containsExactly(mount);
    assertThat(remote.mountPoint(request.volume())).isEqualTo(mount.directory());
    Files.writeString(mount.directory().resolve("file"), "text");
    remote.renew(request);

    ListResponse.Entry listed = listed().getEntries(0);
    assertThat(listed.getMount()).isEqualTo(MountMessages.message(mount));
    assertThat(listed.getHealth().getState()).isEqualTo(Health.State.SERVING);

    remote.release(request.volume(), Deadline.after(LIMIT));
    remote.release(request.volume(), Deadline.after(LIMIT));
    assertThat(listed().getEntriesList()).isEmpty();
    assertNothingLeft();

    assertThat(remote.ensure(request).directory().resolve("file")).hasContent("text");
  }

  @Test
  void whatFailsIsToldToTheClientInTheSameWords() {
    MountRequest request = volumes.create();
    VolumeContext of = request.context();
    var other =
        new VolumeContext(
            of.number(), of.lineage(), new UUID(0, 1), of.bucket(), of.cacheClass(), of.mount());

    assertThatThrownBy(() ->
            remote.ensure(
                new MountRequest(
                    request.volume(),
                    other,
                    request.backend(),
                    request.options(),
                    request.deadline())))
        .isInstanceOf(NotFound.class)
        .hasMessageContaining("holds another volume");
    assertNothingLeft();
  }

  @Test
  void aMountThatComesIsTold() {
    var told = new CopyOnWriteArrayList<MountHealth>();
    try (var _ = remote.follow(into(told))) {
      MountRequest request = volumes.create();
      remote.ensure(request);
      await()
          .until(() -> told.stream().anyMatch(health -> health.volume().equals(request.volume())));
      assertThat(told.getLast().state()).isEqualTo(MountHealth.State.SERVING);
    }
  }

  @Test
  void aServiceThatEndsAndComesBackIsNoFailureOfACall() throws Exception {
    MountRequest before = volumes.create();
    MountRequest during = volumes.create();
    Mount mount = remote.ensure(before);
    Path file = mount.directory().resolve("file");
    try (var out = Files.newOutputStream(file);
        var caller = Executors.newVirtualThreadPerTaskExecutor()) {
      service.cutOff();
      mounts.close();
      assertThat(remote.find(before.volume())).contains(mount); // known without the service
      out.write(1); // and served without it
      var call = caller.submit(() -> remote.ensure(during));
      start();
      assertThat(call.get().volume()).isEqualTo(during.volume());
      out.write(2);
    }
    assertThat(file).hasBinaryContent(new byte[] {1, 2});
    assertThat(remote.ensure(before)).isEqualTo(mount);
  }

  @Test
  void noKeyIsInTheLog() {
    MountRequest request = volumes.create();
    try (var log = CaughtLog.of("io.juicebox")) {
      remote.ensure(request);
      remote.renew(request);

      assertThat(log.text()).contains("volume_context").contains(request.volume().value());
      BackendConnection keys = request.backend();
      for (var secret :
          List.of(keys.redisPassword(), keys.objectAccessKey(), keys.objectSecretKey())) {
        assertThat(log.text()).doesNotContain(secret.reveal());
      }
      assertThat(log.text()).doesNotContain("redis-password").doesNotContain("object-endpoint");
    }
  }

  private ListResponse listed() {
    try (var connection = new ServiceConnection(sockets.calls())) {
      return MountServiceGrpc.newBlockingStub(connection.channel())
          .list(ListRequest.getDefaultInstance());
    }
  }

  private static HealthListener into(Collection<MountHealth> told) {
    return new HealthListener() {
      @Override
      public void all(Collection<MountHealth> words) {
        told.addAll(words);
      }

      @Override
      public void changed(MountHealth word) {
        told.add(word);
      }
    };
  }

  private void assertNothingLeft() {
    Map<VolumeId, MountHealth> known = mounts.health();
    assertThat(known).isEmpty();
    assertThat(KERNEL.mounts().mounts())
        .noneMatch(mount -> mount.mountPoint().startsWith(directory.path().toString()));
    assertThat(directory.path().resolve("state/volumes")).isEmptyDirectory();
    assertThat(Remains.processesNaming(directory.path())).isEmpty();
  }
}
