package io.juicebox.node.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.juicebox.csi.status.DriverException.Failed;
import io.juicebox.csi.volume.VolumeId;
import io.juicebox.mountservice.v1.HandOverRequest;
import io.juicebox.mountservice.v1.MountServiceGrpc;
import io.juicebox.mountservice.v1.MountServiceGrpc.MountServiceBlockingStub;
import io.juicebox.mountservice.v1.MountVolumeRequest;
import io.juicebox.mountservice.v1.RestartProgress;
import io.juicebox.mountservice.v1.RestartProgress.Outcome;
import io.juicebox.mountservice.v1.RestartRequest;
import io.juicebox.mountservice.v1.UnmountRequest;
import io.juicebox.node.mount.MountHealth;
import io.juicebox.node.mount.Restart;
import io.juicebox.test.server.TestDirectory;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MountCallsTest {
  private static final VolumeId THIRD = new VolumeId("default-aaaaaaaaaaaaaaaaaaaa");

  private final TestDirectory directory = TestDirectory.create("m");
  private final ServiceSockets sockets = new ServiceSockets(directory.path().resolve("s"));
  private final TestingMountService mounts = new TestingMountService();
  private final TestingService service = new TestingService(sockets, mounts);
  private final ServiceConnection connection = new ServiceConnection(sockets.calls());
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @AfterEach
  void close() {
    connection.close();
    service.close();
    directory.close();
  }

  @Test
  void volumesAreRestartedOneByOneAndAFailureEndsNothing() {
    for (VolumeId volume : List.of(Samples.VOLUME, Samples.OTHER, THIRD)) {
      mounts.mounts.put(volume, Samples.mount(volume));
    }
    var running = new AtomicInteger();
    mounts.restarting =
        volume -> {
          assertThat(running.incrementAndGet()).isEqualTo(1);
          running.decrementAndGet();
          if (volume.equals(THIRD)) {
            throw new Failed("no successor");
          }
          return volume.equals(Samples.VOLUME)
              ? new Restart.Restarted(Duration.ofMillis(240))
              : new Restart.Busy("a program waits for a lock");
        };

    var told = new ArrayList<RestartProgress>();
    stub()
        .restart(RestartRequest.newBuilder().setAll(true).setTimeout(seconds(5)).build())
        .forEachRemaining(told::add);

    assertThat(told)
        .extracting(RestartProgress::getVolumeId, RestartProgress::getOutcome)
        .containsExactly(
            tuple(THIRD.value(), Outcome.FAILED),
            tuple(Samples.VOLUME.value(), Outcome.RESTARTED),
            tuple(Samples.OTHER.value(), Outcome.BUSY));
    assertThat(told.get(0).getCause()).isEqualTo("no successor");
    assertThat(told.get(1).getPauseMs()).isEqualTo(240);
    assertThat(told.get(2).getCause()).isEqualTo("a program waits for a lock");
  }

  @Test
  void withoutItsClientNoOtherRestartIsBegun() throws InterruptedException {
    var begun = new CountDownLatch(1);
    var restarts = new AtomicInteger();
    mounts.restarting =
        volume -> {
          restarts.incrementAndGet();
          begun.countDown();
          var call = Context.current();
          await().until(call::isCancelled);
          return new Restart.NotMounted();
        };
    var leaving = new ServiceConnection(sockets.calls());
    var _ =
        MountServiceGrpc.newBlockingStub(leaving.channel())
            .restart(
                RestartRequest.newBuilder()
                    .addVolumeIds(Samples.VOLUME.value())
                    .addVolumeIds(Samples.OTHER.value())
                    .setTimeout(seconds(5))
                    .build());
    begun.await();
    leaving.close();
    await().during(Duration.ofMillis(300)).until(() -> restarts.get() == 1);
  }

  @Test
  void wrongRequestsSayWhatIsWrong() {
    refused(
        () -> stub().restart(RestartRequest.getDefaultInstance()).next(), "volume_ids must name");
    refused(
        () ->
            stub()
                .restart(RestartRequest.newBuilder().setAll(true).addVolumeIds("v").build())
                .next(),
        "volume_ids must name");
    refused(
        () -> stub().restart(RestartRequest.newBuilder().setAll(true).build()).next(),
        "timeout is missing");
    refused(
        () -> stub().unmount(UnmountRequest.newBuilder().setVolumeId("../x").build()),
        "volume_id is \"../x\"");
    refused(() -> stub().mount(MountVolumeRequest.getDefaultInstance()), "number is missing");
    MountVolumeRequest whole = MountMessages.message(Samples.request());
    refused(() -> stub().mount(whole.toBuilder().clearTimeout().build()), "timeout is missing");
    refused(
        () -> stub().mount(whole.toBuilder().removeBackend("redis-password").build()),
        "backend.redis-password is missing");
    refused(
        () -> stub().mount(whole.toBuilder().putOptions("subdir", "/").build()),
        "unknown option \"subdir=/\"");
    assertThat(mounts.requests).isEmpty();
  }

  @Test
  void handOverHasTheTimeOfItsCall() {
    var _ = stub().handOver(HandOverRequest.newBuilder().setTimeout(seconds(67)).build());

    assertThat(mounts.handedOver)
        .singleElement()
        .satisfies(
            time -> assertThat(time).isBetween(Duration.ofSeconds(40), Duration.ofSeconds(67)));
  }

  @ParameterizedTest
  @CsvSource({"RESTARTED, 0", "BUSY, 1", "SKIPPED, 0", "FAILED, 1"})
  void theCommandSaysHowItWentAndEndsSo(Outcome outcome, int code) {
    mounts.restarting =
        volume ->
            switch (outcome) {
              case RESTARTED -> new Restart.Restarted(Duration.ofMillis(240));
              case BUSY -> new Restart.Busy("a lock");
              case SKIPPED -> new Restart.NotMounted();
              default -> throw new Failed("no successor");
            };

    assertThat(run("restart", Samples.VOLUME.value())).isEqualTo(code);
    assertThat(out.toString()).startsWith(Samples.VOLUME + " ").contains(said(outcome));
  }

  private static String said(Outcome outcome) {
    return switch (outcome) {
      case RESTARTED -> "restarted, nobody served it for 240 ms";
      case BUSY -> "busy: a lock";
      case SKIPPED -> "skipped: it isn't mounted here";
      default -> "failed: no successor";
    };
  }

  @Test
  void theCommandListsMountsAndTheirTroubles() {
    mounts.mounts.put(Samples.VOLUME, Samples.mount(Samples.VOLUME));
    mounts.tell(
        new MountHealth(
            Samples.VOLUME,
            MountHealth.State.HUNG,
            "it does not answer",
            Instant.parse("2026-01-01T00:00:00Z")));

    assertThat(run("list")).isZero();
    assertThat(out.toString().lines().toList())
        .hasSize(3)
        .satisfiesExactly(
            heading -> assertThat(heading).startsWith("VOLUME"),
            mount ->
                assertThat(mount)
                    .contains(
                        Samples.VOLUME + " ", "HUNG", "2026-01-01T00:00:00Z", "100", "/state"),
            cause -> assertThat(cause.strip()).isEqualTo("it does not answer"));
  }

  @Test
  void theCommandSaysWhichServiceRuns() {
    assertThat(run("version")).isZero();
    assertThat(out.toString()).contains("a build", "1.4.2");
  }

  @Test
  void wrongArgumentsAreNoFailureOfTheService() {
    assertThat(run("restart")).isEqualTo(2);
    assertThat(run("restart", "--all", "x")).isEqualTo(2);
    assertThat(run("unheard")).isEqualTo(2);
    assertThat(run("restart", "nonsense")).isEqualTo(1);
    assertThat(err.toString()).contains("no volume of ours");
    assertThat(MountServiceCommand.line(Map.of()).setErr(new PrintWriter(err)).execute("list"))
        .isEqualTo(2);
    assertThat(err.toString()).contains("MOUNT_SERVICE_DIR is missing");
  }

  private int run(String... arguments) {
    return MountServiceCommand.line(Map.of("MOUNT_SERVICE_DIR", sockets.directory().toString()))
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments);
  }

  private MountServiceBlockingStub stub() {
    return MountServiceGrpc.newBlockingStub(connection.channel());
  }

  private static com.google.protobuf.Duration seconds(int seconds) {
    return com.google.protobuf.Duration.newBuilder().setSeconds(seconds).build();
  }

  private static void refused(Runnable call, String why) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> {
              assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
              assertThat(e.getStatus().getDescription()).contains(why);
            });
  }
}
