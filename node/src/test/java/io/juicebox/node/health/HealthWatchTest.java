package io.juicebox.node.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.juicebox.csi.status.DriverException.NotFound;
import io.juicebox.csi.volume.BackendName;
import io.juicebox.csi.volume.VolumeId;
import io.juicebox.node.health.VolumeHealth.State;
import io.juicebox.node.kernel.BoundedCalls;
import io.juicebox.node.kernel.Deadline;
import io.juicebox.node.kernel.Directory;
import io.juicebox.node.kernel.Errno;
import io.juicebox.node.kernel.FilesystemRoom;
import io.juicebox.node.kernel.Kernel;
import io.juicebox.node.kernel.KernelException;
import io.juicebox.node.kernel.MountFlag;
import io.juicebox.node.kernel.MountTable;
import io.juicebox.node.mount.Mount;
import io.juicebox.node.mount.MountHealth;
import io.juicebox.node.mount.MountRequest;
import io.juicebox.node.mount.Mounts;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HealthWatchTest {
  private static final VolumeId VOLUME = new VolumeId("default-aaaaaaaaaaaaaaaaaaaa");
  private static final FilesystemRoom ROOM = new FilesystemRoom(10, 5, 5, 10, 5);

  private final TestingMounts mounts = new TestingMounts();
  private final TestingKernel kernel = new TestingKernel();
  private final TestingClock clock = new TestingClock();
  private final BoundedCalls calls = new BoundedCalls(2);
  private final HealthWatch watch =
      new HealthWatch(kernel, calls, mounts, Duration.ofSeconds(10), clock);

  @AfterEach
  void stop() {
    calls.close();
  }

  @Test
  void volumeThatIsNotHereIsNotFound() {
    assertThatThrownBy(() -> watch.check(VOLUME)).isInstanceOf(NotFound.class);
  }

  @Test
  void answeringMountIsHealthy() {
    mounts.add();
    assertThat(watch.check(VOLUME).healthy()).isTrue();
    assertThat(watch.unhealthy()).isZero();
  }

  @Test
  void roomIsThatOfTheLastLook() {
    mounts.add();
    assertThat(watch.last(VOLUME)).isEmpty();
    watch.checkAll();
    assertThat(watch.last(VOLUME).flatMap(VolumeHealth::room)).contains(ROOM);
    kernel.statfs.set(() -> {
      throw new KernelException("statfs", "/m", Errno.ENOTCONN);
    });
    watch.checkAll();
    assertThat(watch.last(VOLUME).flatMap(VolumeHealth::room)).isEmpty();
  }

  @Test
  void brokenMountKeepsTheTimeItBroke() {
    mounts.add();
    kernel.statfs.set(() -> {
      throw new KernelException("statfs", "/m", Errno.ENOTCONN);
    });
    Instant began = clock.now;
    assertThat(watch.check(VOLUME).state()).isEqualTo(State.BROKEN);
    clock.now = began.plusSeconds(100);
    assertThat(watch.check(VOLUME).since()).isEqualTo(began);
    assertThat(watch.unhealthy()).isEqualTo(1);
    kernel.statfs.set(() -> ROOM);
    assertThat(watch.check(VOLUME).since()).isEqualTo(clock.now);
  }

  @Test
  void hungMountIsToldInTime() {
    mounts.add();
    var never = new CountDownLatch(1);
    kernel.statfs.set(() -> {
      try {
        never.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      return ROOM;
    });
    var impatient = new HealthWatch(kernel, calls, mounts, Duration.ofMillis(100), clock);
    assertThat(impatient.check(VOLUME).state()).isEqualTo(State.NOT_ANSWERING);
    never.countDown();
  }

  @Test
  void hungMountsAreAskedAtOnce() {
    var never = new CountDownLatch(1);
    kernel.statfs.set(() -> {
      try {
        never.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      return ROOM;
    });
    for (int i = 0; i < 16; i++) {
      mounts.add(VolumeId.random(new BackendName("default")));
    }
    try (var many = new BoundedCalls(16)) {
      var limit = Duration.ofSeconds(2);
      var impatient = new HealthWatch(kernel, many, mounts, limit, clock);
      long began = System.nanoTime();
      impatient.checkAll();
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(limit.multipliedBy(8));
      assertThat(impatient.storage()).isEqualTo(new StorageHealth(0, 16));
    } finally {
      never.countDown();
    }
  }

  @Test
  void failedPublishIsToldUntilTheVolumeIsUnpublished() {
    watch.publishFailed(VOLUME, "Redis is away");
    assertThat(watch.check(VOLUME).cause()).isEqualTo("Redis is away");
    watch.unpublished(VOLUME);
    assertThatThrownBy(() -> watch.check(VOLUME)).isInstanceOf(NotFound.class);
  }

  @Test
  void publicationProvesHealthAndKeepsTheRoom() {
    watch.publishFailed(VOLUME, "Redis is away");
    mounts.add();
    watch.published(VOLUME);
    assertThat(watch.last(VOLUME).orElseThrow().healthy()).isTrue();
    watch.checkAll();
    watch.published(VOLUME);
    assertThat(watch.last(VOLUME).flatMap(VolumeHealth::room)).contains(ROOM);
  }

  @Test
  void volumeIsKnownUntilItsLastPublicationEnds() {
    mounts.add();
    watch.published(VOLUME);
    watch.unpublished(VOLUME);
    assertThat(watch.last(VOLUME)).isPresent();
    mounts.clear();
    watch.unpublished(VOLUME);
    assertThat(watch.last(VOLUME)).isEmpty();
  }

  @Test
  void oldFailuresAreForgotten() {
    watch.publishFailed(VOLUME, "Redis is away");
    watch.checkAll();
    assertThat(watch.unhealthy()).isEqualTo(1);
    clock.now = clock.now.plusSeconds(7200);
    watch.checkAll();
    assertThat(watch.unhealthy()).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "HUNG, NOT_ANSWERING, NotAnswering",
    "RESTARTING, RESTARTING, Restarting",
    "FAILED, BROKEN, MountBroken"
  })
  void theWordOfTheOwnerOfTheProcessesCounts(
      MountHealth.State told, VolumeHealth.State state, String reason) {
    mounts.add();
    kernel.statfs.set(() -> {
      throw new AssertionError("a mount that nobody serves was looked at");
    });
    var since = clock.now.minusSeconds(30);

    watch.told(new MountHealth(VOLUME, told, "juicefs was killed", since));

    assertThat(watch.check(VOLUME))
        .isEqualTo(new VolumeHealth(VOLUME, state, "juicefs was killed", since, Optional.empty()));
    assertThat(state.reason()).isEqualTo(reason);
    watch.checkAll();
    assertThat(watch.unhealthy()).isEqualTo(1);

    kernel.statfs.set(() -> ROOM);
    watch.told(new MountHealth(VOLUME, MountHealth.State.SERVING, "", clock.now));
    assertThat(watch.unhealthy()).isZero();
    assertThat(watch.check(VOLUME).room()).contains(ROOM);
  }

  @Test
  void whatIsNotAmongAllIsInNoTroubleAnyMore() {
    mounts.add();
    var since = clock.now;
    watch.told(new MountHealth(VOLUME, MountHealth.State.FAILED, "no successor", since));

    watch.toldAll(List.of());

    assertThat(watch.check(VOLUME).healthy()).isTrue();
  }

  private static final class TestingMounts implements Mounts {
    private final List<Mount> mounts = new ArrayList<>();

    void add() {
      add(VOLUME);
    }

    void add(VolumeId volume) {
      mounts.add(
          new Mount(
              volume,
              Path.of("/m"),
              "0:50",
              new UUID(0, 1),
              100,
              new TreeMap<>(),
              Optional.empty()));
    }

    void clear() {
      mounts.clear();
    }

    @Override
    public Mount ensure(MountRequest request) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void renew(MountRequest request) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Path mountPoint(VolumeId volume) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Optional<Mount> find(VolumeId volume) {
      return mounts.stream().filter(mount -> mount.volume().equals(volume)).findFirst();
    }

    @Override
    public List<Mount> list() {
      return mounts;
    }

    @Override
    public List<VolumeId> remains() {
      throw new UnsupportedOperationException();
    }

    @Override
    public void release(VolumeId volume, Deadline deadline) {
      throw new UnsupportedOperationException();
    }
  }

  private static final class TestingKernel implements Kernel {
    private final AtomicReference<Supplier<FilesystemRoom>> statfs =
        new AtomicReference<>(() -> ROOM);

    @Override
    public FilesystemRoom statfs(Path path) {
      return statfs.get().get();
    }

    @Override
    public Directory open(Path directory) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Directory open(Directory parent, Path name) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void bind(Path source, Path target, Set<MountFlag> flags) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void unmount(Path target) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void detach(Directory root) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void detach(Path target) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void setImmutable(Path directory) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void clearImmutable(Path directory) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void nameOwnHost(String hostname) {
      throw new UnsupportedOperationException();
    }

    @Override
    public MountTable mounts() {
      throw new UnsupportedOperationException();
    }
  }

  private static final class TestingClock extends Clock {
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }
}
