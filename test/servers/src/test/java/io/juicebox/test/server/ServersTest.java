package io.juicebox.test.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("real")
class ServersTest {

  @Test
  void redisKeepsItsDataOverAKill() {
    try (var redis = TestingRedis.start()) {
      redis.cli(17, "SET", "key", "value");
      redis.kill();
      redis.restart();
      assertThat(redis.cli(17, "GET", "key")).isEqualTo("value");
      assertThat(redis.cli(0, "CONFIG", "GET", "maxmemory-policy")).contains("noeviction");
    }
  }

  @Test
  void minioComesBackToItsPort() {
    try (var minio = TestingMinio.start()) {
      var endpoint = minio.endpoint();
      minio.stop();
      minio.restart();
      assertThat(minio.endpoint()).isEqualTo(endpoint);
    }
  }

  @Test
  void aDirectoryTakesItsProcessesAlong() {
    var directory = TestDirectory.create("unit");
    var program =
        RunningProgram.start("sleep", directory.path(), List.of("sleep", "600"), Map.of());
    assertThat(RunningProgram.find("sleep", directory.path())).isPresent();
    directory.close();
    assertThat(program.isAlive()).isFalse();
    assertThat(Files.exists(directory.path())).isFalse();
  }

  @Test
  void aProgramThatEndsIsReportedWithItsLastWords() {
    try (var directory = TestDirectory.create("unit")) {
      var program =
          RunningProgram.start(
              "brief",
              directory.path(),
              List.of("sh", "-c", "echo no such setting; sleep 2"),
              Map.of());
      assertThatThrownBy(() -> program.awaitReady(Duration.ofSeconds(30), () -> false))
          .hasMessageContaining("no such setting");
    }
  }
}
