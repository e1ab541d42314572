package io.juicebox.test.outages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.juicebox.csi.spec.Volume;
import io.juicebox.csi.spec.VolumeCapability.AccessMode.Mode;
import io.juicebox.test.client.Requests;
import io.juicebox.test.server.Signals;
import io.juicebox.test.server.TestingAuthority;
import io.juicebox.test.stack.Inventory;
import io.juicebox.test.stack.LocalStack;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Servers that speak TLS only, certified by an authority that no system knows, and a Redis that
 * asks for a client certificate.
 */
@Tag("outages")
@DisplayName("outages: servers with TLS of a private authority")
final class TlsTest {
  private static final Mode MODE = Mode.SINGLE_NODE_MULTI_WRITER;
  private static final Duration IO = Duration.ofSeconds(30);
  private static final Duration SOON = Duration.ofSeconds(30);

  private static LocalStack stack;
  private static TestingAuthority stranger;

  private Inventory before;
  private Volume volume;

  @BeforeAll
  static void start() {
    stranger = TestingAuthority.create();
    stack = LocalStack.builder().mountService().encrypted().start();
    Program.run(IO, "dd", "if=/dev/urandom", "of=" + original(), "bs=1M", "count=9");
  }

  @AfterAll
  static void stop() {
    stack.close();
    stranger.close();
  }

  @BeforeEach
  void create() {
    before = stack.inventory();
    var request = Requests.create("encrypted", 1L << 30, MODE);
    volume = stack.controller().client().controller().createVolume(request).getVolume();
  }

  @AfterEach
  void delete() {
    var _ = stack.controller().client().controller().deleteVolume(Requests.delete(volume));
    assertThat(stack.leftSince(before, SOON)).as("left").isEmpty();
  }

  @Test
  void aVolumeIsUsedOverACrash() throws IOException {
    publish(stack.secrets());
    write("first");
    assertThat(modes()).hasSize(4).allMatch("rw-------"::equals);

    long juicefs = Scene.juicefs(stack, volume).pid();
    Signals.kill(juicefs);
    write("second");
    compare("first");
    assertThat(Scene.juicefs(stack, volume).pid()).isNotEqualTo(juicefs);

    unpublish();
    assertThat(files()).doesNotExist();
    publish(stack.secrets()); // with nothing cached
    compare("first");
    compare("second");
    unpublish();
  }

  @Test
  void otherAuthoritiesReachAProcessThatServes() throws IOException {
    publish(stack.backend().secrets());
    write("file");
    long juicefs = Scene.juicefs(stack, volume).pid();

    var more = new HashMap<>(stack.backend().secrets());
    var both =
        stack.backend().authority().orElseThrow().certificateText() + stranger.certificateText();
    more.put("redis-ca", both);
    more.put("object-ca", both);
    publish(more);
    assertThat(files().resolve("redis-ca.pem")).hasContent(both);
    assertThat(files().resolve("object-ca.pem")).hasContent(both);
    await()
        .atMost(SOON)
        .ignoreExceptions()
        .until(() -> Scene.juicefs(stack, volume).pid(), pid -> pid.longValue() != juicefs);
    compare("file");
    unpublish();
  }

  @Test
  void wrongCertificatesAreNamedAndLeaveNothing() {
    var published = stack.inventory();
    var secrets = stack.backend().secrets();
    for (var key : List.of("redis-ca", "object-ca")) {
      refused(with(secrets, Map.of(key, stranger.certificateText())), "UNAVAILABLE", "set " + key);
      refused(with(secrets, Map.of(key, "")), "UNAVAILABLE", "set " + key);
      refused(with(secrets, Map.of(key, "none")), "INVALID_ARGUMENT", "secrets." + key);
    }
    var anonymous = new HashMap<>(secrets);
    anonymous.keySet().removeAll(Set.of("redis-certificate", "redis-key"));
    refused(anonymous, "UNAUTHENTICATED", "set redis-certificate and redis-key");
    var foreign =
        Map.of(
            "redis-certificate", stranger.loopback().certificateText(),
            "redis-key", stranger.loopback().keyText());
    refused(with(secrets, foreign), "UNAUTHENTICATED", "see redis-certificate");
    assertThat(stack.leftSince(published, SOON)).as("left").isEmpty();
  }

  private void refused(Map<String, String> secrets, String code, String text) {
    var request = Requests.publish(volume, target(), MODE, secrets);
    var answer = Answer.of(() -> stack.node().client().node().nodePublishVolume(request));
    assertThat(answer.code()).as(answer.text()).isEqualTo(code);
    assertThat(answer.text()).contains(text).doesNotContain("PRIVATE");
  }

  private static Map<String, String> with(Map<String, String> keys, Map<String, String> changed) {
    var all = new HashMap<>(keys);
    all.putAll(changed);
    return all;
  }

  private void publish(Map<String, String> secrets) {
    var request = Requests.publish(volume, target(), MODE, secrets);
    var _ = stack.node().client().node().nodePublishVolume(request);
  }

  private void unpublish() {
    var request = Requests.unpublish(volume, target());
    var _ = stack.node().client().node().nodeUnpublishVolume(request);
  }

  private void write(String file) {
    Program.run(
        IO, "dd", "if=" + original(), "of=" + target().resolve(file), "bs=1M", "conv=fsync");
  }

  private void compare(String file) {
    Program.run(IO, "cmp", original().toString(), target().resolve(file).toString());
  }

  private Path target() {
    return stack.target(volume.getVolumeId());
  }

  /** Where the mount service has the volume's certificates. */
  private Path files() {
    return Path.of(stack.mountService().setting("RUN_DIR"), "tls", volume.getVolumeId());
  }

  private List<String> modes() throws IOException {
    try (var files = Files.list(files())) {
      return files.map(TlsTest::mode).toList();
    }
  }

  private static String mode(Path file) {
    try {
      return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path original() {
    return stack.home().resolve("original");
  }
}
