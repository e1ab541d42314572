package io.juicebox.csi.status;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;
import io.juicebox.csi.log.TestingLog;
import io.juicebox.csi.spec.IdentityGrpc;
import io.juicebox.csi.spec.ProbeRequest;
import io.juicebox.csi.spec.ProbeResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class StatusInterceptorTest {
  static Stream<Arguments> failures() {
    return Stream.of(
        Arguments.of(
            new DriverException.InvalidRequest("name", "is missing"),
            Status.Code.INVALID_ARGUMENT,
            "name is missing"),
        Arguments.of(
            DriverException.NotFound.volume("v\n"),
            Status.Code.NOT_FOUND,
            "volume \"v\\u000a\" does not exist"),
        Arguments.of(
            new DriverException.AlreadyExists("it is there"),
            Status.Code.ALREADY_EXISTS,
            "it is there"),
        Arguments.of(
            new DriverException.OperationPending("v"),
            Status.Code.ABORTED,
            "another operation on volume v is under way, call again"),
        Arguments.of(
            new DriverException.BadToken("t"),
            Status.Code.ABORTED,
            "starting_token \"t\" is none of ours, list from the start"),
        Arguments.of(
            new DriverException.OutOfRange("capacity_range", "too large"),
            Status.Code.OUT_OF_RANGE,
            "capacity_range: too large"),
        Arguments.of(
            new DriverException.Exhausted("no number is free"),
            Status.Code.RESOURCE_EXHAUSTED,
            "no number is free"),
        Arguments.of(
            new DriverException.PreconditionFailed("in use"),
            Status.Code.FAILED_PRECONDITION,
            "in use"),
        Arguments.of(
            new DriverException.BackendUnavailable(
                "Redis at r:1", "connection refused", new IOException("hidden")),
            Status.Code.UNAVAILABLE,
            "Redis at r:1 is unavailable: connection refused"),
        Arguments.of(
            new DriverException.Unauthenticated("Redis at r:1", "WRONGPASS"),
            Status.Code.UNAUTHENTICATED,
            "Redis at r:1 refused the credentials: WRONGPASS"),
        Arguments.of(
            new DriverException.Forbidden("Redis at r:1", "NOPERM"),
            Status.Code.PERMISSION_DENIED,
            "Redis at r:1 denied the operation: NOPERM"),
        Arguments.of(
            new DriverException.Late("format", Duration.ofSeconds(8)),
            Status.Code.DEADLINE_EXCEEDED,
            "format did not end within 8000 ms"),
        Arguments.of(
            new DriverException.Unsupported("a block volume"),
            Status.Code.UNIMPLEMENTED,
            "a block volume is not offered by this driver"),
        Arguments.of(
            new DriverException.Failed("the mount failed: exit 1"),
            Status.Code.INTERNAL,
            "the mount failed: exit 1"),
        Arguments.of(
            Status.DATA_LOSS.withDescription("as it is").asRuntimeException(),
            Status.Code.DATA_LOSS,
            "as it is"));
  }

  @ParameterizedTest
  @MethodSource("failures")
  void failureHasItsCodeAndMessage(RuntimeException failure, Status.Code code, String message)
      throws Exception {
    try (var log = TestingLog.at(Level.TRACE);
        var service =
            new TestingIdentity(answer -> {
              throw failure;
            })) {
      assertThatThrownBy(service::probe)
          .asInstanceOf(type(StatusRuntimeException.class))
          .extracting(StatusRuntimeException::getStatus)
          .extracting(Status::getCode, Status::getDescription)
          .containsExactly(code, message);
      assertThat(log.text()).isEmpty();
    }
  }

  @Test
  void everySubtypeIsInTheTable() {
    List<Class<?>> covered =
        failures().<Class<?>>map(arguments -> arguments.get()[0].getClass()).toList();
    assertThat(covered).containsAll(Arrays.asList(DriverException.class.getPermittedSubclasses()));
  }

  static Stream<Throwable> defects() {
    return Stream.of(
        new IllegalStateException("hidden"),
        new NullPointerException("hidden"),
        new AssertionError("hidden"),
        new StackOverflowError("hidden"));
  }

  @ParameterizedTest
  @MethodSource("defects")
  void defectHasAFixedTextAndItsTraceInTheLog(Throwable defect) throws Exception {
    try (var log = TestingLog.at(Level.INFO);
        var service =
            new TestingIdentity(answer -> {
              throwUnchecked(defect);
            })) {
      assertThatThrownBy(service::probe)
          .asInstanceOf(type(StatusRuntimeException.class))
          .extracting(StatusRuntimeException::getStatus)
          .extracting(Status::getCode, Status::getDescription)
          .containsExactly(Status.Code.INTERNAL, "internal error, see the driver log");
      assertThat(log.lines())
          .singleElement()
          .asString()
          .contains("csi.v1.Identity\\/Probe failed", defect.getClass().getName(), "StatusInterc");
    }
  }

  @Test
  void failureAfterTheAnswerIsLoggedAndDoesNotChangeIt() throws Exception {
    try (var log = TestingLog.at(Level.INFO);
        var service =
            new TestingIdentity(answer -> {
              answer.onNext(ProbeResponse.getDefaultInstance());
              answer.onCompleted();
              throw new DriverException.Failed("too late");
            })) {
      assertThat(service.probe()).isEqualTo(ProbeResponse.getDefaultInstance());
      await().until(() -> !log.lines().isEmpty());
      assertThat(log.lines()).singleElement().asString().contains("too late");
    }
  }

  @Test
  void failureAfterTheMessageIsTheAnswer() throws Exception {
    try (var service =
        new TestingIdentity(answer -> {
          answer.onNext(ProbeResponse.getDefaultInstance());
          throw new DriverException.Failed("not after all");
        })) {
      assertThatThrownBy(service::probe).hasMessage("INTERNAL: not after all");
    }
  }

  private static void throwUnchecked(Throwable defect) {
    if (defect instanceof Error error) {
      throw error;
    }
    throw (RuntimeException) defect;
  }

  /** An Identity service in this process whose Probe does what a test wants. */
  private static final class TestingIdentity extends IdentityGrpc.IdentityImplBase
      implements AutoCloseable {
    private final Consumer<StreamObserver<ProbeResponse>> probe;
    private final Server server;
    private final ManagedChannel channel;

    TestingIdentity(Consumer<StreamObserver<ProbeResponse>> probe) throws IOException {
      this.probe = probe;
      String name = InProcessServerBuilder.generateName();
      server =
          InProcessServerBuilder.forName(name)
              .addService(this)
              .intercept(new StatusInterceptor())
              .build()
              .start();
      channel = InProcessChannelBuilder.forName(name).build();
    }

    ProbeResponse probe() {
      return IdentityGrpc.newBlockingStub(channel)
          .withDeadlineAfter(10, TimeUnit.SECONDS)
          .probe(ProbeRequest.getDefaultInstance());
    }

    @Override
    public void probe(ProbeRequest request, StreamObserver<ProbeResponse> answer) {
      probe.accept(answer);
    }

    /** Ends it and waits until it has ended. */
    void stop() throws InterruptedException {
      channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
      server.shutdown().awaitTermination(5, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
      try {
        stop();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
