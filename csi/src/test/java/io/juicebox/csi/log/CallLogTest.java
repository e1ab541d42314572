package io.juicebox.csi.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.juicebox.csi.server.TestingNode;
import io.juicebox.csi.spec.NodeGetCapabilitiesRequest;
import io.juicebox.csi.spec.NodePublishVolumeRequest;
import io.juicebox.csi.spec.NodePublishVolumeResponse;
import io.juicebox.csi.spec.ProbeRequest;
import io.juicebox.csi.status.DriverException.PreconditionFailed;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class CallLogTest {
  private static final NodePublishVolumeRequest REQUEST =
      NodePublishVolumeRequest.newBuilder()
          .setVolumeId("default-abcdefghij0123456789")
          .setTargetPath("/target")
          .putSecrets("redis-password", "hidden-1")
          .putSecrets("hidden-key", "x")
          .build();

  @TempDir private Path folder;

  @Test
  void callIsOneLineWithMethodVolumeCodeAndDuration() throws Exception {
    try (var log = TestingLog.at(Level.INFO);
        var node = TestingNode.doing(folder.resolve("s"), request -> {})) {
      node.client().node().nodePublishVolume(REQUEST);
      assertThat(log.lines())
          .singleElement()
          .asString()
          .startsWith("{\"timestamp\":")
          .contains(
              "\"level\":\"INFO\"",
              "\"formattedMessage\":\"NodePublishVolume OK\"",
              "{\"method\":\"NodePublishVolume\"}",
              "{\"code\":\"OK\"}",
              "{\"volume\":\"default-abcdefghij0123456789\"}")
          .containsPattern("\\{\"ms\":\"\\d+\\.\\d+")
          .endsWith("}");
      assertThat(node.calls).containsExactly("NodePublishVolume OK");
    }
  }

  @Test
  void failureIsOneLineWithItsMessage() throws Exception {
    try (var log = TestingLog.at(Level.INFO);
        var node =
            TestingNode.doing(
                folder.resolve("s"),
                request -> {
                  throw new PreconditionFailed("in use by \"host-1\"");
                })) {
      assertThatThrownBy(() -> node.client().node().nodePublishVolume(REQUEST))
          .isInstanceOf(StatusRuntimeException.class);
      assertThat(log.lines())
          .singleElement()
          .asString()
          .contains(
              "\"level\":\"WARN\"",
              "NodePublishVolume FAILED_PRECONDITION: in use by \\\"host-1\\\"",
              "{\"volume\":\"default-abcdefghij0123456789\"}");
      assertThat(node.calls).containsExactly("NodePublishVolume FAILED_PRECONDITION");
    }
  }

  @ParameterizedTest
  @CsvSource({"ALL, json", "TRACE, json", "DEBUG, text", "INFO, json", "INFO, text", "WARN, json"})
  void secretsAreInNoLineAtAnyLevel(String level, String format) throws Exception {
    try (var log = TestingLog.at(Level.valueOf(level), format);
        var node = TestingNode.doing(folder.resolve("s"), request -> {})) {
      // the second one lies within the 64 bytes that netty would print of a frame
      node.client().node().nodePublishVolume(REQUEST);
      node.client()
          .node()
          .nodePublishVolume(
              NodePublishVolumeRequest.newBuilder().putSecrets("hidden-key", "hidden-1").build());
      assertThat(log.text()).doesNotContain("hidden", hex("hidden-1"), hex("hidden-key"));
    }
  }

  private static String hex(String text) {
    return HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void requestIsLoggedAtDebugLevelWithoutItsSecrets() throws Exception {
    try (var log = TestingLog.at(Level.DEBUG);
        var node = TestingNode.doing(folder.resolve("s"), request -> {})) {
      node.client().node().nodePublishVolume(REQUEST);
      assertThat(log.lines())
          .singleElement()
          .asString()
          .contains("{\"request\":\"", "target_path: \\\"\\/target\\\"")
          .doesNotContain("secrets");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"json", "text"})
  void hostileVolumeIdStaysInItsLine(String format) throws Exception {
    try (var log = TestingLog.at(Level.INFO, format);
        var node = TestingNode.doing(folder.resolve("s"), request -> {})) {
      node.client()
          .node()
          .nodePublishVolume(
              REQUEST.toBuilder()
                  .setVolumeId("v\n{\"level\":\"ERROR\"}\033[31m" + "x".repeat(100_000))
                  .build());
      assertThat(log.lines()).singleElement().asString().hasSizeLessThan(600).contains("u000a");
      assertThat(log.text().trim().chars()).noneMatch(Character::isISOControl);
    }
  }

  @Test
  void callThatTheClientGaveUpIsOneLine() throws Exception {
    var began = new CountDownLatch(1);
    try (var log = TestingLog.at(Level.INFO);
        var node =
            TestingNode.doing(
                folder.resolve("s"),
                request -> {
                  began.countDown();
                  await().until(Context.current()::isCancelled);
                })) {
      var call = node.client().nodeLater().nodePublishVolume(REQUEST);
      began.await();
      assertThat(call.cancel(true)).isTrue();
      await().until(() -> !node.calls.isEmpty());
      node.stop();
      assertThat(log.lines()).singleElement().asString().contains("{\"client\":\"gave up\"}");
      assertThat(node.calls).hasSize(1);
    }
  }

  @Test
  void callThatIsNeverAnsweredIsOneLineOnceTheClientGivesUp() throws Exception {
    var began = new CountDownLatch(1);
    try (var log = TestingLog.at(Level.INFO);
        var node = new TestingNode(folder.resolve("s"), (request, answer) -> began.countDown())) {
      var call = node.client().nodeLater().nodePublishVolume(REQUEST);
      began.await();
      assertThat(call.cancel(true)).isTrue();
      await().until(() -> !node.calls.isEmpty());
      node.stop();
      assertThat(log.lines())
          .singleElement()
          .asString()
          .contains("NodePublishVolume CANCELLED", "default-abcdefghij0123456789");
      assertThat(node.calls).containsExactly("NodePublishVolume CANCELLED");
    }
  }

  @Test
  void answerAfterTheClientGaveUpDoesNoHarm() throws Exception {
    var answers = new LinkedBlockingQueue<StreamObserver<NodePublishVolumeResponse>>();
    try (var log = TestingLog.at(Level.INFO);
        var node = new TestingNode(folder.resolve("s"), (request, answer) -> answers.add(answer))) {
      var call = node.client().nodeLater().nodePublishVolume(REQUEST);
      var answer = answers.take();
      assertThat(call.cancel(true)).isTrue();
      await().until(() -> !node.calls.isEmpty());
      answer.onNext(NodePublishVolumeResponse.getDefaultInstance());
      answer.onCompleted();
      node.stop();
      assertThat(log.lines()).hasSize(1);
      assertThat(node.calls).hasSize(1);
    }
  }

  @Test
  void polledCallThatSucceedsIsSilentAndMeasured() throws Exception {
    try (var log = TestingLog.at(Level.INFO);
        var node = TestingNode.doing(folder.resolve("s"), request -> {})) {
      node.client().identity().probe(ProbeRequest.getDefaultInstance());
      assertThat(log.lines()).isEmpty();
      assertThat(node.calls).containsExactly("Probe OK");
    }
  }

  @Test
  void callOfAMethodThatIsNotOfferedIsLogged() throws Exception {
    try (var log = TestingLog.at(Level.INFO);
        var node = TestingNode.doing(folder.resolve("s"), request -> {})) {
      assertThatThrownBy(() ->
              node.client()
                  .node()
                  .nodeGetCapabilities(NodeGetCapabilitiesRequest.getDefaultInstance()))
          .extracting(e -> Status.fromThrowable(e).getCode())
          .isEqualTo(Status.Code.UNIMPLEMENTED);
      assertThat(log.lines()).singleElement().asString().contains("NodeGetCapabilities UNIMPL");
    }
  }
}
