package io.juicebox.csi.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.UnknownFieldSet.Field;
import io.grpc.MethodDescriptor;
import io.juicebox.csi.log.TestingLog;
import io.juicebox.csi.spec.NodeGrpc;
import io.juicebox.csi.spec.NodePublishVolumeRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class UnreadableRequestsTest {
  private static final MethodDescriptor<?, ?> PUBLISH = NodeGrpc.getNodePublishVolumeMethod();
  private static final ByteString WRONG_UTF8 = ByteString.copyFrom(new byte[] {'a', (byte) 0xff});

  @TempDir private Path folder;

  static Stream<Named<byte[]>> unreadable() {
    return Stream.of(
        Named.of("volume_id", field(1, WRONG_UTF8)),
        Named.of("a surrogate", field(1, ByteString.fromHex("eda080"))),
        Named.of("target_path", field(4, WRONG_UTF8)),
        Named.of("a key of secrets", field(7, entry(WRONG_UTF8, ByteString.EMPTY))),
        Named.of("a value of secrets", field(7, entry(ByteString.EMPTY, WRONG_UTF8))),
        Named.of("a value of volume_context", field(8, entry(ByteString.EMPTY, WRONG_UTF8))),
        Named.of("a mount flag", field(5, bytes(2, bytes(2, WRONG_UTF8)))),
        Named.of("no protobuf", "GET / HTTP/1.1".getBytes(StandardCharsets.UTF_8)),
        Named.of("a torn message", new byte[] {0x0a, 0x7f, 'a'}));
  }

  @ParameterizedTest
  @MethodSource("unreadable")
  void unreadableRequestIsInvalidAndReachesNoService(byte[] request) throws Exception {
    var served = new AtomicInteger();
    try (var log = TestingLog.at(Level.INFO);
        var node = TestingNode.doing(folder.resolve("s"), ignored -> served.incrementAndGet())) {
      assertThatThrownBy(() -> node.client().send(PUBLISH, request))
          .hasMessageStartingWith("INVALID_ARGUMENT: the request can't be read: ");
      assertThat(served).hasValue(0);
      assertThat(node.calls).containsExactly("NodePublishVolume INVALID_ARGUMENT");
      assertThat(log.lines()).singleElement().asString().contains("\"level\":\"WARN\"");
    }
  }

  @Test
  void readableRequestReachesTheService() throws Exception {
    var served = new AtomicInteger();
    try (var node = TestingNode.doing(folder.resolve("s"), ignored -> served.incrementAndGet())) {
      var request = NodePublishVolumeRequest.newBuilder().setVolumeId("grüße 😀").build();
      node.client().send(PUBLISH, request.toByteArray());
      assertThat(served).hasValue(1);
    }
  }

  @Test
  void oversizedRequestReachesNoServiceAndIsLogged() throws Exception {
    var served = new AtomicInteger();
    try (var log = TestingLog.at(Level.INFO);
        var node = TestingNode.doing(folder.resolve("s"), ignored -> served.incrementAndGet())) {
      assertThatThrownBy(() -> node.client().send(PUBLISH, new byte[2 << 20]))
          .hasMessageStartingWith("RESOURCE_EXHAUSTED");
      assertThat(served).hasValue(0);
      await().until(() -> !node.calls.isEmpty());
      assertThat(log.lines()).filteredOn(line -> line.contains("CallLog")).hasSize(1);
    }
  }

  private static byte[] field(int number, ByteString value) {
    return bytes(number, value).toByteArray();
  }

  private static ByteString bytes(int number, ByteString value) {
    return UnknownFieldSet.newBuilder()
        .addField(number, Field.newBuilder().addLengthDelimited(value).build())
        .build()
        .toByteString();
  }

  private static ByteString entry(ByteString key, ByteString value) {
    return bytes(1, key).concat(bytes(2, value));
  }
}
