package io.juicebox.controller.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.juicebox.controller.registry.VolumeRecord;
import io.juicebox.csi.status.DriverException.BackendUnavailable;
import io.juicebox.csi.status.DriverException.NotFound;
import io.juicebox.csi.status.DriverException.OperationPending;
import io.juicebox.test.server.TestingMinio;
import io.juicebox.test.server.TestingRedis;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Calls under way when a real Redis goes away in each of the ways that it can. */
@Tag("real")
class LostRedisTest {
  private static final int CALLERS = 4;

  private final ConcurrentLinkedQueue<RuntimeException> failures = new ConcurrentLinkedQueue<>();
  private final AtomicInteger lives = new AtomicInteger();
  private final AtomicBoolean stop = new AtomicBoolean();

  @Test
  void whoeverIsCalledMeanwhileIsToldThatRedisIsUnavailable() throws Exception {
    try (var redis = TestingRedis.start(500);
        var minio = TestingMinio.start();
        var controller = new TestingController(redis, minio);
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var callers = new ArrayList<Future<?>>();
      for (int i = 0; i < CALLERS; i++) {
        String name = "pvc-" + i;
        callers.add(threads.submit(() -> liveAndDie(controller, name)));
      }
      for (Runnable loss : losses(redis)) {
        loss.run();
        int seen = lives.get();
        await().atMost(Duration.ofSeconds(60)).until(() -> lives.get() > seen + CALLERS);
      }
      stop.set(true);
      for (Future<?> caller : callers) {
        caller.get();
      }
    }
    assertThat(failures).hasAtLeastOneElementOfType(BackendUnavailable.class);
    assertThat(failures)
        .allSatisfy(failure ->
            assertThat(failure)
                .isInstanceOfAny(BackendUnavailable.class, OperationPending.class, NotFound.class));
    assertThat(failures)
        .filteredOn(failure -> failure instanceof BackendUnavailable)
        .allSatisfy(failure -> assertThat(failure).hasMessageStartingWith("Redis at 127.0.0.1:"));
  }

  private static List<Runnable> losses(TestingRedis redis) {
    return List.of(
        () -> redis.cli(0, "CLIENT", "KILL", "TYPE", "normal"),
        () -> redis.cli(0, "SCRIPT", "FLUSH"),
        () -> {
          redis.kill();
          redis.restart();
        },
        () -> redis.cli(0, "CLIENT", "KILL", "TYPE", "normal"),
        () -> {
          redis.stop();
          redis.restart();
        },
        () -> {
          redis.kill();
          redis.restart();
        });
  }

  private void liveAndDie(TestingController controller, String name) {
    while (!stop.get()) {
      try {
        VolumeRecord volume = controller.create(name);
        controller.volumes.list("", 0);
        controller.health.check(volume.id().value());
        controller.expand.expand(
            volume.id().value(),
            new CapacityRange(2 * TestingController.GIB, 0),
            TestingController.soon());
        controller.delete(volume);
        lives.incrementAndGet();
      } catch (RuntimeException e) {
        failures.add(e);
      }
    }
  }
}
