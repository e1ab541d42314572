package io.juicebox.node.mount;

import static org.assertj.core.api.Assertions.assertThat;

import io.juicebox.csi.volume.BackendConnection;
import io.juicebox.csi.volume.Secret;
import io.juicebox.csi.volume.VolumeId;
import io.juicebox.test.server.TestingAuthority;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeyFilesTest {
  private static final VolumeId VOLUME = new VolumeId("default-abcdefghij0123456789");

  private static TestingAuthority authority;

  @TempDir private Path run;

  @BeforeAll
  static void sign() {
    authority = TestingAuthority.create();
  }

  @AfterAll
  static void remove() {
    authority.close();
  }

  @Test
  void keysAreReadAsTheyWereWritten() throws IOException {
    var keys = new KeyFiles(run);
    keys.put(VOLUME, encrypted());
    assertThat(new KeyFiles(run).get(VOLUME)).contains(encrypted());
  }

  @Test
  void theFormerOnesAreKnownUntilAProcessHasOthers() throws IOException {
    var keys = new KeyFiles(run);
    var first = encrypted();
    var second = first.withKeys("user", Secret.random(), Secret.random(), Secret.random());
    var third = first.withKeys("user", Secret.random(), Secret.random(), Secret.random());
    keys.put(VOLUME, first);
    assertThat(keys.former(VOLUME)).isEmpty();

    keys.putNext(VOLUME, second);
    keys.putNext(VOLUME, third);
    assertThat(keys.get(VOLUME)).contains(third);
    assertThat(new KeyFiles(run).former(VOLUME)).contains(first);
    assertThat(mode(run.resolve("former-keys").resolve(VOLUME.value()))).isEqualTo("rw-------");

    keys.put(VOLUME, third);
    assertThat(keys.former(VOLUME)).isEmpty();
    keys.putNext(VOLUME, first);
    keys.remove(VOLUME);
    assertThat(keys.former(VOLUME)).isEmpty();
    assertThat(keys.volumes()).isEmpty();
  }

  @Test
  void certificatesAreFilesThatOnlyRootMayRead() throws IOException {
    var keys = new KeyFiles(run);
    keys.put(VOLUME, encrypted());
    TlsFiles files = keys.tls(VOLUME);
    assertThat(files.redisAuthorities()).hasContent(authority.certificateText());
    assertThat(files.objectAuthorities()).hasContent(authority.certificateText());
    assertThat(files.redisCertificate()).hasContent(authority.loopback().certificateText());
    assertThat(files.redisKey()).hasContent(authority.loopback().keyText());
    assertThat(mode(files.home())).isEqualTo("rwx------");
    assertThat(mode(run.resolve("tls"))).isEqualTo("rwx------");
    for (Path file : entries(files.home())) {
      assertThat(mode(file)).isEqualTo("rw-------");
    }
  }

  @Test
  void filesThatOtherKeysDoNotNeedGo() throws IOException {
    var keys = new KeyFiles(run);
    keys.put(VOLUME, encrypted());
    var fewer = new HashMap<>(encrypted().toKeys());
    fewer.remove("redis-certificate");
    fewer.remove("redis-key");
    keys.put(VOLUME, BackendConnection.from("keys", fewer));
    TlsFiles files = keys.tls(VOLUME);
    assertThat(entries(files.home()))
        .containsExactlyInAnyOrder(files.redisAuthorities(), files.objectAuthorities());
    keys.put(VOLUME, plain());
    assertThat(files.home()).doesNotExist();
  }

  @Test
  void nothingIsLeft() throws IOException {
    var keys = new KeyFiles(run);
    keys.put(VOLUME, encrypted());
    Files.delete(run.resolve("keys").resolve(VOLUME.value())); // as when a removal was cut off
    assertThat(keys.volumes()).containsExactly(VOLUME);
    keys.remove(VOLUME);
    keys.remove(VOLUME);
    assertThat(keys.volumes()).isEmpty();
    assertThat(run.resolve("keys")).isEmptyDirectory();
    assertThat(run.resolve("tls")).isEmptyDirectory();
  }

  private static BackendConnection plain() {
    return BackendConnection.from(
        "keys",
        Map.of(
            "redis-address", "redis://127.0.0.1:1",
            "redis-password", "",
            "object-endpoint", "http://127.0.0.1:1",
            "object-access-key", "access",
            "object-secret-key", "secret"));
  }

  private static BackendConnection encrypted() {
    var keys = new HashMap<>(plain().toKeys());
    keys.put("redis-address", "rediss://127.0.0.1:1");
    keys.put("redis-ca", authority.certificateText());
    keys.put("redis-certificate", authority.loopback().certificateText());
    keys.put("redis-key", authority.loopback().keyText());
    keys.put("object-endpoint", "https://127.0.0.1:1");
    keys.put("object-ca", authority.certificateText());
    return BackendConnection.from("keys", keys);
  }

  private static List<Path> entries(Path directory) throws IOException {
    try (var all = Files.list(directory)) {
      return all.toList();
    }
  }

  private static String mode(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }
}
