package io.juicebox.node.kernel;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.juicebox.csi.status.DriverException.Late;
import io.juicebox.csi.volume.BackendName;
import io.juicebox.csi.volume.VolumeId;
import io.juicebox.test.server.HungMount;
import io.juicebox.test.server.TestDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BoundedCallsTest {
  private static final Duration SHORT = Duration.ofMillis(50);
  private static final Duration LONG = Duration.ofSeconds(20);

  private final BoundedCalls calls = new BoundedCalls(2);
  private final VolumeId one = VolumeId.random(new BackendName("b"));
  private final VolumeId two = VolumeId.random(new BackendName("b"));
  private final VolumeId three = VolumeId.random(new BackendName("b"));
  private final CountDownLatch answer = new CountDownLatch(1);
  private final Callable<String> hanging =
      () -> {
        answer.await();
        return "late";
      };

  @AfterEach
  void close() {
    answer.countDown();
    calls.close();
  }

  @Test
  void answersWhatTheCallAnswers() {
    assertThat(calls.call(one, "stat", LONG, () -> "answer")).isEqualTo("answer");
  }

  @Test
  void whatALateCallOpensIsClosed() {
    var closed = new CountDownLatch(1);
    assertThatThrownBy(() ->
            calls.call(
                one,
                "open",
                SHORT,
                () -> {
                  answer.await();
                  return new Directory(0, closed::countDown);
                }))
        .isInstanceOf(Late.class);
    answer.countDown();
    await().until(() -> closed.getCount() == 0);
  }

  @Test
  void failuresComeThrough() {
    assertThatThrownBy(() ->
            calls.call(
                one,
                "stat",
                LONG,
                () -> {
                  throw new KernelException("statfs", "/", Errno.ENOTCONN);
                }))
        .isInstanceOf(KernelException.class);
    assertThatThrownBy(() -> calls.call(one, "stat", LONG, () -> Files.size(Path.of("/none"))))
        .isInstanceOf(UncheckedIOException.class)
        .hasCauseInstanceOf(NoSuchFileException.class);
  }

  @Test
  void runsOnAPlatformThreadThatEndsWithTheProgram() {
    Thread thread = calls.call(one, "stat", LONG, Thread::currentThread);

    assertThat(thread.isVirtual()).isFalse();
    assertThat(thread.isDaemon()).isTrue();
  }

  @Test
  void aHungVolumeCostsItsOwnCallsOnly() {
    assertLate(one, SHORT);
    assertThat(calls.hung()).isEqualTo(1);

    assertThat(calls.call(two, "stat", LONG, () -> "answer")).isEqualTo("answer");
  }

  @Test
  void aHungVolumeHoldsOneThreadHoweverOftenItIsAsked() throws Exception {
    var started = new AtomicInteger();
    try (var callers = Executors.newVirtualThreadPerTaskExecutor()) {
      var late = new ArrayList<Future<?>>();
      for (int i = 0; i < 10; i++) {
        late.add(
            callers.submit(() ->
                assertThatThrownBy(() ->
                        calls.call(
                            one,
                            "stat",
                            SHORT,
                            () -> {
                              started.incrementAndGet();
                              return hanging.call();
                            }))
                    .isInstanceOf(Late.class)));
      }
      for (Future<?> call : late) {
        call.get(20, SECONDS);
      }
    }
    await().until(() -> started.get() > 0); // its thread may come later than all gave up
    assertThat(started).hasValue(1);
    assertThat(calls.hung()).isEqualTo(1);
  }

  @Test
  void askingAHungVolumeAgainFailsAtOnce() {
    assertLate(one, SHORT);

    long begin = System.nanoTime();
    assertLate(one, LONG);
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(15));
  }

  @Test
  void whenAllThreadsHangCallsFailAtOnce() {
    assertLate(one, SHORT);
    assertLate(two, SHORT);

    long begin = System.nanoTime();
    assertLate(three, LONG);
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(15));
  }

  @Test
  void aVolumeThatAnswersAgainIsAskedAgain() {
    assertLate(one, SHORT);
    answer.countDown();

    await().until(() -> calls.hung() == 0);
    assertThat(calls.call(one, "stat", LONG, () -> "answer")).isEqualTo("answer");
  }

  @Test
  void callsOfOneVolumeTakeTurns() throws Exception {
    var running = new AtomicInteger();
    var most = new AtomicInteger();
    try (var callers = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 20; i++) {
        var _ =
            callers.submit(() ->
                calls.call(
                    one,
                    "stat",
                    LONG,
                    () -> {
                      most.accumulateAndGet(running.incrementAndGet(), Math::max);
                      Thread.onSpinWait();
                      return running.decrementAndGet();
                    }));
      }
    }
    assertThat(most).hasValue(1);
  }

  @Test
  void aMountWithoutAnAnswerIsLate() throws IOException {
    try (var directory = TestDirectory.create("hung")) {
      Path mountPoint = Files.createDirectory(directory.path().resolve("mount"));
      var kernel = new LinuxKernel();
      try (var _ = HungMount.over(mountPoint, "fuse.juicefs", "JuiceFS:hung")) {
        assertThatThrownBy(() -> calls.call(one, "statfs", SHORT, () -> kernel.statfs(mountPoint)))
            .isInstanceOf(Late.class)
            .hasMessageContaining(one.value());
        assertThat(kernel.mounts().at(mountPoint)).isPresent();
      }
      await().until(() -> calls.hung() == 0);
    }
  }

  private void assertLate(VolumeId volume, Duration limit) {
    assertThatThrownBy(() -> calls.call(volume, "stat", limit, hanging)).isInstanceOf(Late.class);
  }
}
