package io.juicebox.csi.credential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.juicebox.csi.status.DriverException.BackendUnavailable;
import io.juicebox.csi.volume.BackendName;
import io.juicebox.csi.volume.VolumeId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CredentialDirectoryTest {
  private static final VolumeId VOLUME = VolumeId.random(new BackendName("default"));
  private static final Map<String, String> KEYS = Map.of("redis-password", "gehéim\n");

  @TempDir private Path parent;

  @Test
  void whatIsKeptFirstCounts() {
    var directory = CredentialDirectory.in(parent.resolve("new"));

    assertThat(directory.keep(VOLUME, KEYS)).isEqualTo(KEYS);
    assertThat(directory.keep(VOLUME, Map.of("redis-password", "other"))).isEqualTo(KEYS);
    assertThat(directory.find(VOLUME)).contains(KEYS);
  }

  @Test
  void othersTakeTheirPlace() throws IOException {
    Path path = parent.resolve("new");
    var directory = CredentialDirectory.in(path);
    Map<String, String> others = Map.of("redis-password", "other");
    directory.replace(VOLUME, KEYS);
    Files.writeString(path.resolve("." + VOLUME + "-1"), "{\"re"); // of one that was cut off

    directory.replace(VOLUME, others);

    assertThat(directory.find(VOLUME)).contains(others);
    assertThat(permissions(path.resolve(VOLUME.value()))).isEqualTo("rw-------");
    try (var files = Files.list(path)) {
      assertThat(files).hasSize(1);
    }
  }

  @Test
  void onlyTheOwnerMayReadIt() throws IOException {
    Path path = parent.resolve("new");
    CredentialDirectory.in(path).keep(VOLUME, KEYS);

    assertThat(permissions(path)).isEqualTo("rwx------");
    assertThat(permissions(path.resolve(VOLUME.value()))).isEqualTo("rw-------");
    try (var files = Files.list(path)) {
      assertThat(files).hasSize(1);
    }
  }

  @Test
  void removedIsGoneAndMayBeRemovedAgain() throws IOException {
    var directory = CredentialDirectory.in(parent.resolve("new"));
    directory.keep(VOLUME, KEYS);
    Files.createFile(parent.resolve("new/." + VOLUME + "-1")); // of one that was cut off

    directory.remove(VOLUME);
    directory.remove(VOLUME);

    assertThat(directory.find(VOLUME)).isEmpty();
    assertThat(parent.resolve("new")).isEmptyDirectory();
  }

  @Test
  void whatACutOffAttemptLeftGoesWithTheNext() throws IOException {
    var directory = CredentialDirectory.in(parent.resolve("new"));
    Files.writeString(parent.resolve("new/." + VOLUME + "-1"), "{\"re");

    assertThat(directory.keep(VOLUME, KEYS)).isEqualTo(KEYS);
    try (var files = Files.list(parent.resolve("new"))) {
      assertThat(files).hasSize(1);
    }
  }

  @Test
  void manyAtOnceKeepOne() throws InterruptedException {
    var directory = CredentialDirectory.in(parent.resolve("new"));
    var attempts =
        IntStream.range(0, 16)
            .<Callable<Map<String, String>>>mapToObj(
                i -> () -> directory.keep(VOLUME, Map.of("redis-password", "p" + i)))
            .toList();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      assertThat(threads.invokeAll(attempts).stream().map(Future::resultNow).distinct())
          .containsExactly(directory.find(VOLUME).orElseThrow());
    }
  }

  @Test
  void aDirectoryThatOthersMayEnterIsRefused() throws IOException {
    Files.setPosixFilePermissions(parent, PosixFilePermissions.fromString("rwxr-x---"));

    assertThatThrownBy(() -> CredentialDirectory.in(parent)).hasMessageContaining("chmod 700");
  }

  @Test
  void aBrokenFileIsToldWithoutItsContent() throws IOException {
    var directory = CredentialDirectory.in(parent.resolve("new"));
    Files.writeString(parent.resolve("new").resolve(VOLUME.value()), "{\"key\": geheim}");

    assertThatThrownBy(() -> directory.find(VOLUME))
        .isInstanceOf(BackendUnavailable.class)
        .hasMessageContaining(VOLUME.value())
        .hasMessageNotContaining("geheim");
  }

  private static String permissions(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
