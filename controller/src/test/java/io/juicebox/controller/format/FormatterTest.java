package io.juicebox.controller.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.juicebox.controller.TestingBackend;
import io.juicebox.csi.juicefs.Juicefs;
import io.juicebox.csi.juicefs.JuicefsVersion;
import io.juicebox.csi.status.DriverException.BackendUnavailable;
import io.juicebox.csi.status.DriverException.Failed;
import io.juicebox.csi.status.DriverException.Unauthenticated;
import io.juicebox.csi.volume.BackendConnection;
import io.juicebox.csi.volume.Capacity;
import io.juicebox.csi.volume.Compression;
import io.juicebox.csi.volume.FormatParameters;
import io.juicebox.csi.volume.Lineage;
import io.juicebox.csi.volume.Number;
import io.juicebox.test.server.TestingRedis;
import io.juicebox.test.server.Tools;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The real juicefs, where it fails; {@code MetadataTest} looks at what it writes. */
@Tag("real")
class FormatterTest {
  private static final Juicefs JUICEFS = new Juicefs(Tools.program("juicefs"));
  private static TestingRedis redis;

  @BeforeAll
  static void start() {
    redis = TestingRedis.start(16);
  }

  @AfterAll
  static void stop() {
    redis.close();
  }

  @Test
  void theVersionIsRead() throws InterruptedException {
    assertThat(JUICEFS.version().orElseThrow()).isGreaterThanOrEqualTo(JuicefsVersion.OLDEST);
  }

  @Test
  void aFormatThatDoesNotEndIsKilledAndRedisNamed() {
    assertThatThrownBy(() -> format(JUICEFS, TestingBackend.of(Map.of()), 2, Duration.ofSeconds(1)))
        .isInstanceOf(BackendUnavailable.class)
        .hasMessageContaining("Redis at 127.0.0.1:1 is unavailable")
        .hasMessageContaining("did not end within 1000 ms");
  }

  @Test
  void aWrongPasswordIsUnauthenticated() {
    var backend =
        TestingBackend.of(Map.of("redis-address", redis.address(), "redis-password", "wrong"));
    assertThatThrownBy(() -> format(JUICEFS, backend, 2, Duration.ofSeconds(20)))
        .isInstanceOf(Unauthenticated.class);
  }

  @Test
  void juicefssComplaintIsTold() {
    assertThatThrownBy(() -> format(JUICEFS, TestingBackend.of(redis), 16, Duration.ofSeconds(20)))
        .isInstanceOf(Failed.class)
        .hasMessageContaining("DB index is out of range");
  }

  @Test
  void aMissingProgramIsNamed() {
    var missing = new Juicefs(Path.of("/nowhere/juicefs"));
    assertThatThrownBy(() -> format(missing, TestingBackend.of(redis), 2, Duration.ofSeconds(20)))
        .isInstanceOf(Failed.class)
        .hasMessageContaining("/nowhere/juicefs");
  }

  private static void format(
      Juicefs juicefs, BackendConnection backend, int number, Duration timeout) {
    new Formatter(juicefs, timeout)
        .format(
            backend,
            new Number(number),
            new Lineage("default-abcdefghij0123456789"),
            "juicebox",
            Capacity.SMALLEST,
            new FormatParameters(Compression.NONE, 4 << 20, 0, 1000));
  }
}
