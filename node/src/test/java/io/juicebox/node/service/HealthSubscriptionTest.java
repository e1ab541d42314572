package io.juicebox.node.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.juicebox.node.kernel.LinuxKernel;
import io.juicebox.node.mount.KnownMounts;
import io.juicebox.node.mount.MountHealth;
import io.juicebox.node.mount.MountHealth.State;
import io.juicebox.test.server.TestDirectory;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HealthSubscriptionTest {
  private static final Instant SINCE = Instant.parse("2026-01-01T00:00:00.123456789Z");
  private static final MountHealth WELL = new MountHealth(Samples.VOLUME, State.SERVING, "", SINCE);
  private static final MountHealth HUNG =
      new MountHealth(Samples.VOLUME, State.HUNG, "it does not answer", SINCE.plusSeconds(5));
  private static final MountHealth OTHER =
      new MountHealth(Samples.OTHER, State.FAILED, "no successor", SINCE);

  private final TestDirectory directory = TestDirectory.create("m");
  private final ServiceSockets sockets = new ServiceSockets(directory.path().resolve("s"));
  private final TestingMountService mounts = new TestingMountService();
  private final RemoteMounts remote =
      new RemoteMounts(
          sockets, new KnownMounts(directory.path().resolve("state"), new LinuxKernel()));
  private final Heard heard = new Heard();

  @AfterEach
  void close() {
    remote.close();
    directory.close();
  }

  @Test
  void allAreToldFirstAndThenWhatChanges() {
    mounts.health.put(WELL.volume(), WELL);
    try (var _ = new TestingService(sockets, mounts);
        var _ = remote.follow(heard)) {
      await().until(() -> heard.all.size() == 1);
      assertThat(heard.all.getFirst()).containsExactly(WELL);

      mounts.tell(HUNG);
      mounts.tell(OTHER);
      await().until(() -> heard.changes.contains(OTHER));
      assertThat(heard.changes).containsExactly(HUNG, OTHER);
    }
    await().until(() -> mounts.watches() == 0);
  }

  @Test
  void aClientThatLeavesIsForgotten() {
    try (var _ = new TestingService(sockets, mounts)) {
      var subscription = remote.follow(heard);
      await().until(() -> mounts.watches() == 1);
      subscription.close();
      await().until(() -> mounts.watches() == 0);
    }
  }

  @Test
  void allAreToldAgainByEachRunOfTheService() {
    try (var _ = remote.follow(heard)) {
      for (int run = 1; run <= 3; run++) {
        int runs = run;
        var service = new TestingService(sockets, mounts);
        await().until(() -> heard.all.size() == runs);
        if (run % 2 == 0) {
          service.close();
        } else {
          service.cutOff();
        }
      }
    }
  }

  @Test
  void manyChangesEndWithTheLastOne() {
    try (var _ = new TestingService(sockets, mounts);
        var _ = remote.follow(heard)) {
      await().until(() -> heard.all.size() == 1);
      for (int i = 0; i < 20_000; i++) {
        mounts.tell(new MountHealth(Samples.VOLUME, State.HUNG, "look " + i, SINCE));
      }
      mounts.tell(WELL);
      await().until(() -> !heard.changes.isEmpty() && heard.changes.getLast().equals(WELL));
    }
  }

  private static final class Heard implements HealthListener {
    final List<List<MountHealth>> all = new CopyOnWriteArrayList<>();
    final List<MountHealth> changes = new CopyOnWriteArrayList<>();

    @Override
    public void all(Collection<MountHealth> mounts) {
      all.add(new ArrayList<>(mounts));
    }

    @Override
    public void changed(MountHealth mount) {
      changes.add(mount);
    }
  }
}
