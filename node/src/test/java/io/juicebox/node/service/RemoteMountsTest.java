package io.juicebox.node.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.juicebox.csi.status.DriverException;
import io.juicebox.csi.status.DriverException.AlreadyExists;
import io.juicebox.csi.status.DriverException.BackendUnavailable;
import io.juicebox.csi.status.DriverException.BadToken;
import io.juicebox.csi.status.DriverException.Exhausted;
import io.juicebox.csi.status.DriverException.Failed;
import io.juicebox.csi.status.DriverException.Forbidden;
import io.juicebox.csi.status.DriverException.InvalidRequest;
import io.juicebox.csi.status.DriverException.Late;
import io.juicebox.csi.status.DriverException.NotFound;
import io.juicebox.csi.status.DriverException.OperationPending;
import io.juicebox.csi.status.DriverException.OutOfRange;
import io.juicebox.csi.status.DriverException.PreconditionFailed;
import io.juicebox.csi.status.DriverException.Unauthenticated;
import io.juicebox.csi.status.DriverException.Unsupported;
import io.juicebox.node.kernel.Deadline;
import io.juicebox.node.kernel.LinuxKernel;
import io.juicebox.node.mount.KnownMounts;
import io.juicebox.node.mount.MountRequest;
import io.juicebox.test.server.TestDirectory;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RemoteMountsTest {
  private static final int ROUNDS = 6;

  /** gRPC would wait for a second and more. */
  private static final Duration AT_ONCE = Duration.ofMillis(400);

  private final TestDirectory directory = TestDirectory.create("m");
  private final ServiceSockets sockets = new ServiceSockets(directory.path().resolve("s"));
  private final TestingMountService mounts = new TestingMountService();
  private final RemoteMounts remote =
      new RemoteMounts(
          sockets, new KnownMounts(directory.path().resolve("state"), new LinuxKernel()));

  @AfterEach
  void close() {
    remote.close();
    directory.close();
  }

  static Stream<DriverException> failures() {
    return Stream.of(
        new InvalidRequest("volume_context.uuid", "is missing"),
        NotFound.volume("v"),
        new AlreadyExists("it is there"),
        new OperationPending("v"),
        new BadToken("t"),
        new OutOfRange("capacity_range", "too large"),
        new Exhausted("Redis is out of memory"),
        new PreconditionFailed("another node has it"),
        new BackendUnavailable("Redis at 127.0.0.1:1", "Connection refused", null),
        new Unauthenticated("Redis at 127.0.0.1:1", "WRONGPASS"),
        new Forbidden("the object store", "denied"),
        new Late("mounting volume v, whose juicefs said: nothing,", Duration.ofMillis(20)),
        new Unsupported("this"),
        new Failed("juicefs ended with code 1; its last words: é | \n" + "é".repeat(4_000)));
  }

  @Test
  void eachKindOfFailureIsTried() {
    assertThat(failures().map(Object::getClass))
        .containsExactlyInAnyOrder(DriverException.class.getPermittedSubclasses());
  }

  @ParameterizedTest
  @MethodSource("failures")
  void aFailureArrivesAsItIs(DriverException failure) {
    mounts.ensuring =
        request -> {
          throw failure;
        };
    try (var _ = new TestingService(sockets, mounts)) {
      Throwable received = catchThrowable(() -> remote.ensure(Samples.request()));

      assertThat(received).isExactlyInstanceOf(failure.getClass()).hasMessage(failure.getMessage());
      assertThat(mounts.requests).hasSize(1);
    }
  }

  @Test
  void aDefectTellsNothingOfItself() {
    mounts.ensuring =
        request -> {
          throw new IllegalStateException(Samples.PASSWORD);
        };
    try (var _ = new TestingService(sockets, mounts)) {
      assertThatThrownBy(() -> remote.ensure(Samples.request()))
          .isInstanceOf(Failed.class)
          .hasMessageContaining("internal error")
          .hasMessageNotContaining(Samples.PASSWORD);
    }
  }

  @Test
  void aRequestArrivesWhole() {
    mounts.ensuring = request -> Samples.mount(request.volume());
    try (var _ = new TestingService(sockets, mounts)) {
      MountRequest sent = Samples.request();

      assertThat(remote.ensure(sent)).isEqualTo(Samples.mount(Samples.VOLUME));
      remote.renew(sent);

      assertThat(mounts.requests)
          .hasSize(2)
          .allSatisfy(arrived -> {
            assertThat(arrived.volume()).isEqualTo(sent.volume());
            assertThat(arrived.context().toMap()).isEqualTo(sent.context().toMap());
            assertThat(arrived.backend()).isEqualTo(sent.backend());
            assertThat(arrived.options()).isEqualTo(sent.options());
            assertThat(arrived.deadline().remaining())
                .isBetween(Duration.ofSeconds(10), Duration.ofSeconds(20));
          });
    }
  }

  @Test
  void aServiceThatIsLateStillTellsWhy() {
    mounts.ensuring =
        request -> {
          await().until(() -> request.deadline().passed());
          throw new Late("the step", Duration.ofMillis(7));
        };
    try (var _ = new TestingService(sockets, mounts)) {
      assertThatThrownBy(() -> remote.ensure(Samples.request(Duration.ofSeconds(2))))
          .isInstanceOf(Late.class)
          .hasMessageContaining("the step");
    }
  }

  @Test
  void aServiceThatIsAwayIsNamedAfterTwoSeconds() {
    long began = System.nanoTime();
    assertThatThrownBy(() -> remote.ensure(Samples.request()))
        .isInstanceOf(BackendUnavailable.class)
        .hasMessageContaining("the mount service")
        .hasMessageContaining(sockets.calls().toString());
    assertThat(Duration.ofNanos(System.nanoTime() - began))
        .isBetween(Duration.ofMillis(1_900), Duration.ofSeconds(15));
  }

  @Test
  void aServiceThatComesIsUsedAtOnce() throws Exception {
    mounts.ensuring = request -> Samples.mount(request.volume());
    var returned = new long[1];
    try (var caller = Executors.newVirtualThreadPerTaskExecutor()) {
      int atOnce = 0;
      for (int round = 0; round < ROUNDS; round++) {
        // Left alone, gRPC would wait longer after each failure.
        assertThat(catchThrowable(() -> remote.ensure(Samples.request(Duration.ofSeconds(1)))))
            .isInstanceOf(BackendUnavailable.class);
        Future<?> call =
            caller.submit(() -> {
              remote.ensure(Samples.request());
              returned[0] = System.nanoTime();
            });
        try (var _ = new TestingService(sockets, mounts)) {
          long there = System.nanoTime();
          call.get();
          atOnce += Duration.ofNanos(returned[0] - there).compareTo(AT_ONCE) < 0 ? 1 : 0;
        }
      }
      assertThat(atOnce).as("of %d rounds", ROUNDS).isGreaterThanOrEqualTo(ROUNDS - 2);
    }
  }

  @Test
  void aCallThatWasCutOffIsMadeAgain() throws Exception {
    var reached = new CountDownLatch(1);
    var never = new CountDownLatch(1);
    var tries = new AtomicInteger();
    mounts.ensuring =
        request -> {
          if (tries.incrementAndGet() == 1) {
            reached.countDown();
            assertThatThrownBy(never::await).isInstanceOf(InterruptedException.class);
          }
          return Samples.mount(request.volume());
        };
    try (var caller = Executors.newVirtualThreadPerTaskExecutor()) {
      var first = new TestingService(sockets, mounts);
      var call = caller.submit(() -> remote.ensure(Samples.request()));
      reached.await();
      first.cutOff();
      try (var _ = new TestingService(sockets, mounts)) {
        assertThat(call.get()).isEqualTo(Samples.mount(Samples.VOLUME));
      }
      assertThat(tries).hasValue(2);
    }
  }

  @Test
  void whatHasNothingHereIsReleasedWithoutTheService() {
    remote.release(Samples.VOLUME, Deadline.after(Duration.ofSeconds(1)));
  }

  @Test
  void readinessTellsOfTheService() {
    assertThat(remote.unready()).contains("the mount service").contains("nobody answers");
    try (var _ = new TestingService(sockets, mounts)) {
      await().untilAsserted(() -> assertThat(remote.unready()).isEmpty());
    }
    var old = new ServiceVersion(0, "0.1", "1.4.2", "");
    try (var _ = new TestingService(sockets, mounts, old)) {
      await()
          .untilAsserted(() ->
              assertThat(remote.unready())
                  .contains("0.1")
                  .contains("version 0")
                  .contains("needs 1"));
    }
    var broken = new ServiceVersion(ServiceVersion.CONTRACT + 1, "9.9", "", "no juicefs\n");
    try (var _ = new TestingService(sockets, mounts, broken)) {
      await().untilAsserted(() -> assertThat(remote.unready()).isEqualTo("no juicefs\n"));
    }
  }

  @Test
  void theMessagesOfAMountNameNoStateThatIsUnknown() {
    assertThat(Arrays.stream(io.juicebox.node.mount.MountHealth.State.values()).map(Enum::name))
        .isSubsetOf(
            List.of(io.juicebox.mountservice.v1.Health.State.values()).stream()
                .map(Enum::name)
                .toList());
  }
}
