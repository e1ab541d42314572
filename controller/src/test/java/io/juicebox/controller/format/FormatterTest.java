package io.juicebox.controller.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.juicebox.controller.TestingBackend;
import io.juicebox.csi.juicefs.Juicefs;
import io.juicebox.csi.juicefs.JuicefsVersion;
import io.juicebox.csi.status.DriverException.Failed;
import io.juicebox.csi.status.DriverException.Late;
import io.juicebox.csi.volume.Capacity;
import io.juicebox.csi.volume.Compression;
import io.juicebox.csi.volume.FormatParameters;
import io.juicebox.csi.volume.Lineage;
import io.juicebox.test.server.Tools;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The real juicefs; {@code MountedFilesystemTest} mounts what it made. */
@Tag("real")
class FormatterTest {
  private static final Juicefs JUICEFS = new Juicefs(Tools.program("juicefs"));

  @Test
  void theVersionIsRead() throws InterruptedException {
    assertThat(JUICEFS.version().orElseThrow()).isGreaterThanOrEqualTo(JuicefsVersion.OLDEST);
  }

  @Test
  void aFormatReachesNoServerAndIsAnotherFilesystemEachTime() {
    String first = format(JUICEFS, "juicebox", Duration.ofSeconds(20)).setting();
    assertThat(first)
        .contains("\"Name\": \"default-abcdefghij0123456789\"")
        .contains("\"Bucket\": \"http://127.0.0.1:1/juicebox\"");
    assertThat(format(JUICEFS, "juicebox", Duration.ofSeconds(20)).setting()).isNotEqualTo(first);
  }

  @Test
  void aFormatThatDoesNotEndIsKilled() {
    assertThatThrownBy(() -> format(JUICEFS, "juicebox", Duration.ofMillis(1)))
        .isInstanceOf(Late.class)
        .hasMessageContaining("juicefs format did not end within 1 ms");
  }

  @Test
  void juicefssComplaintIsTold() {
    assertThatThrownBy(() -> format(JUICEFS, "%zz", Duration.ofSeconds(20)))
        .isInstanceOf(Failed.class)
        .hasMessageContaining("juicefs format failed: ")
        .hasMessageContaining("%zz");
  }

  @Test
  void aMissingProgramIsNamed() {
    var missing = new Juicefs(Path.of("/nowhere/juicefs"));
    assertThatThrownBy(() -> format(missing, "juicebox", Duration.ofSeconds(20)))
        .isInstanceOf(Failed.class)
        .hasMessageContaining("/nowhere/juicefs");
  }

  /** Of a backend whose servers are not there. */
  private static NewFilesystem format(Juicefs juicefs, String bucket, Duration timeout) {
    return new Formatter(juicefs, timeout)
        .format(
            TestingBackend.of(Map.of()),
            new Lineage("default-abcdefghij0123456789"),
            bucket,
            Capacity.SMALLEST,
            new FormatParameters(Compression.NONE, 4 << 20, 0, 1000));
  }
}
