package io.juicebox.test.isolation;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.juicebox.csi.spec.Volume;
import io.juicebox.csi.spec.VolumeCapability.AccessMode.Mode;
import io.juicebox.test.client.Requests;
import io.juicebox.test.stack.LocalStack;
import io.minio.MinioClient;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** A volume whose keys were stolen, and another one. Both were mounted and have a file. */
final class TwoVolumes implements AutoCloseable {
  private static final Mode MODE = Mode.SINGLE_NODE_MULTI_WRITER;
  private static final long BYTES = 1L << 30;
  private static final Duration ANSWER = Duration.ofSeconds(10);

  private final LocalStack stack;
  private final Volume first;
  private final Volume second;

  private TwoVolumes(LocalStack stack) {
    this.stack = stack;
    this.first = volume("stolen");
    this.second = volume("other");
  }

  static TwoVolumes create() {
    var stack = LocalStack.builder().mountService().start();
    try {
      return new TwoVolumes(stack);
    } catch (RuntimeException e) {
      stack.close();
      throw e;
    }
  }

  private Volume volume(String name) {
    var controller = stack.controller().client().controller();
    var volume = controller.createVolume(Requests.create(name, BYTES, MODE)).getVolume();
    Path target = stack.target(name);
    var node = stack.node().client().node();
    var _ = node.nodePublishVolume(Requests.publish(volume, target, MODE, stack.secrets()));
    try {
      Files.writeString(target.resolve("file"), "of " + name);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return volume;
  }

  LocalStack stack() {
    return stack;
  }

  /**
   * The first line of the answer to a command of the first volume's user in its own number. Spoken
   * by hand: clients have commands that they never send, or answer themselves.
   */
  String asFirst(List<String> command) {
    var redis = stack.backend().redis();
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), redis.port())) {
      socket.setSoTimeout((int) ANSWER.toMillis());
      var answers = new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
      send(socket, List.of("AUTH", firstUser(), key(first, "redis-password")));
      send(socket, List.of("SELECT", Integer.toString(firstNumber())));
      send(socket, command);
      assertThat(answers.readLine()).isEqualTo("+OK");
      assertThat(answers.readLine()).isEqualTo("+OK");
      return String.valueOf(answers.readLine());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void send(Socket socket, List<String> command) throws IOException {
    var request = new StringBuilder("*" + command.size() + "\r\n");
    for (String word : command) {
      request.append("$").append(word.getBytes(UTF_8).length).append("\r\n");
      request.append(word).append("\r\n");
    }
    socket.getOutputStream().write(request.toString().getBytes(UTF_8));
  }

  String firstUser() {
    return key(first, "redis-user");
  }

  int firstNumber() {
    return number(first);
  }

  int secondNumber() {
    return number(second);
  }

  String secondPassword() {
    return key(second, "redis-password");
  }

  /** The object prefix of the first, with its slash. */
  String firstPrefix() {
    return first.getVolumeId() + "/";
  }

  /** The object prefix of the second, with its slash. */
  String secondPrefix() {
    return second.getVolumeId() + "/";
  }

  /** The keys of the first volume as the node has them. */
  Map<String, String> firstKeys() {
    return keys(first);
  }

  /** A client of the object store with the first volume's keys. */
  MinioClient objectsOfFirst() {
    return MinioClient.builder()
        .endpoint(key(first, "object-endpoint"))
        .region("us-east-1")
        .credentials(key(first, "object-access-key"), key(first, "object-secret-key"))
        .build();
  }

  @Override
  public void close() {
    stack.close();
  }

  private String key(Volume volume, String name) {
    return Objects.requireNonNull(keys(volume).get(name), name);
  }

  private Map<String, String> keys(Volume volume) {
    return stack.keys(volume.getVolumeId());
  }

  private static int number(Volume volume) {
    return Integer.parseInt(volume.getVolumeContextOrThrow("number"));
  }
}
