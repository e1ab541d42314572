package io.juicebox.controller.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
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
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The real juicefs; {@code MountedFilesystemTest} mounts what it made. */
@Tag("real")
class FormatterTest {
  private static final Juicefs JUICEFS = new Juicefs(Tools.program("juicefs"));
  private static final Duration LONG = Duration.ofSeconds(20);
  private static final Lineage FIRST = new Lineage("default-abcdefghij0123456789");
  private static final Lineage SECOND = new Lineage("other-9876543210zyxwvutsrq");
  private static final FormatParameters PLAIN =
      new FormatParameters(Compression.NONE, 4 << 20, 0, 1000);
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path directory;

  @Test
  void theVersionIsRead() throws InterruptedException {
    assertThat(JUICEFS.version().orElseThrow()).isGreaterThanOrEqualTo(JuicefsVersion.OLDEST);
  }

  @Test
  void aFormatReachesNoServerAndIsAnotherFilesystemEachTime() {
    String first = format(JUICEFS, "juicebox", LONG).setting();
    assertThat(first)
        .contains("\"Name\": \"default-abcdefghij0123456789\"")
        .contains("\"Bucket\": \"http://127.0.0.1:1/juicebox\"");
    assertThat(format(JUICEFS, "juicebox", LONG).setting()).isNotEqualTo(first);
  }

  @Test
  void aFormatThatDoesNotEndIsKilled() {
    assertThatThrownBy(() -> format(JUICEFS, "juicebox", Duration.ofMillis(1)))
        .isInstanceOf(Late.class)
        .hasMessageContaining("juicefs format did not end within 1 ms");
  }

  @Test
  void juicefssComplaintIsTold() {
    assertThatThrownBy(() -> format(JUICEFS, "%zz", LONG))
        .isInstanceOf(Failed.class)
        .hasMessageContaining("juicefs format failed: ")
        .hasMessageContaining("%zz");
  }

  @Test
  void aMissingProgramIsNamed() {
    var missing = new Juicefs(Path.of("/nowhere/juicefs"));
    assertThatThrownBy(() -> format(missing, "juicebox", LONG))
        .isInstanceOf(Failed.class)
        .hasMessageContaining("/nowhere/juicefs");
  }

  @ParameterizedTest
  @MethodSource
  void whatIsMadeOfAPrintedSettingIsWhatJuicefsWouldPrint(
      FormatParameters parameters, Capacity capacity) throws IOException {
    for (String shared : List.of("juicebox", "")) {
      var formatter = new Formatter(counting(), LONG);
      var _ = format(formatter, FIRST, shared, Capacity.SMALLEST, parameters);
      ObjectNode made = tree(format(formatter, SECOND, shared, capacity, parameters));
      assertThat(runs()).isEqualTo(1);
      ObjectNode printed =
          tree(format(new Formatter(JUICEFS, LONG), SECOND, shared, capacity, parameters));

      assertThat(UUID.fromString(made.remove("UUID").asText()).version())
          .isEqualTo(UUID.fromString(printed.remove("UUID").asText()).version());
      assertThat(made).isEqualTo(printed);
      Files.delete(directory.resolve("runs"));
    }
  }

  static Stream<Arguments> whatIsMadeOfAPrintedSettingIsWhatJuicefsWouldPrint() {
    return Stream.of(
        arguments(new FormatParameters(Compression.NONE, 4 << 20, 0, 1000), Capacity.SMALLEST),
        arguments(new FormatParameters(Compression.LZ4, 64 << 10, 7, 1), new Capacity(5L << 30)),
        arguments(
            new FormatParameters(Compression.ZSTD, 16 << 20, 365, Long.MAX_VALUE),
            Capacity.LARGEST));
  }

  @Test
  void eachHasAUuidOfItsOwnAndOtherParametersAreAskedFor() throws IOException {
    var formatter = new Formatter(counting(), LONG);
    var ids = new HashSet<String>();
    for (int i = 0; i < 5; i++) {
      ids.add(
          tree(format(formatter, FIRST, "juicebox", Capacity.SMALLEST, PLAIN))
              .get("UUID")
              .asText());
    }
    assertThat(ids).hasSize(5);
    assertThat(runs()).isEqualTo(1);

    var other = new FormatParameters(Compression.NONE, 4 << 20, 1, 1000);
    assertThat(
            tree(format(formatter, FIRST, "juicebox", Capacity.SMALLEST, other))
                .get("TrashDays")
                .asInt())
        .isEqualTo(1);
    assertThat(runs()).isEqualTo(2);
    var _ = format(formatter, FIRST, "another", Capacity.SMALLEST, PLAIN);
    assertThat(runs()).isEqualTo(3);
  }

  @Test
  void theSettingsThatAreKeptAreLimited() throws IOException {
    var formatter = new Formatter(counting(), LONG);
    for (int i = 0; i <= PrintedSettings.MOST; i++) {
      var _ = format(formatter, FIRST, "juicebox-" + i, Capacity.SMALLEST, PLAIN);
    }
    assertThat(runs()).isEqualTo(PrintedSettings.MOST + 1);
    var _ = format(formatter, FIRST, "juicebox-1", Capacity.SMALLEST, PLAIN);
    assertThat(runs()).isEqualTo(PrintedSettings.MOST + 1);
    var _ = format(formatter, FIRST, "juicebox-0", Capacity.SMALLEST, PLAIN);
    assertThat(runs()).isEqualTo(PrintedSettings.MOST + 2);
  }

  @Test
  void manyAtOnceNeedFewRuns() throws Exception {
    var formatter = new Formatter(counting(), LONG);
    Callable<NewFilesystem> call =
        () -> format(formatter, FIRST, "juicebox", Capacity.SMALLEST, PLAIN);
    try (var calls = Executors.newVirtualThreadPerTaskExecutor()) {
      var made = new HashSet<NewFilesystem>();
      for (var answer : calls.invokeAll(Collections.nCopies(30, call))) {
        made.add(answer.get());
      }
      assertThat(made).hasSize(30);
    }
    assertThat(runs()).isBetween(1, Math.max(2, Runtime.getRuntime().availableProcessors()));
  }

  @Test
  void aProgramThatWasReplacedOrBrokenIsNoticed() throws IOException {
    var program = counting();
    var formatter = new Formatter(program, LONG);
    var _ = format(formatter, FIRST, "juicebox", Capacity.SMALLEST, PLAIN);

    Path file = directory.resolve("juicefs");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    assertThatThrownBy(() -> format(formatter, FIRST, "juicebox", Capacity.SMALLEST, PLAIN))
        .isInstanceOf(Failed.class)
        .hasMessageContaining(file.toString());

    script("echo '<FATAL>: it is broken'; exit 1");
    assertThatThrownBy(() -> format(formatter, FIRST, "juicebox", Capacity.SMALLEST, PLAIN))
        .isInstanceOf(Failed.class)
        .hasMessageContaining("it is broken");

    script("echo '<INFO>: Volume is formatted as {'; echo '\"UUID\": \"1\"'; echo '} [x]'");
    for (int i = 0; i < 2; i++) { // strange: used as it is, but nothing is made of it
      assertThat(format(formatter, FIRST, "juicebox", Capacity.SMALLEST, PLAIN).setting())
          .isEqualTo("{\n\"UUID\": \"1\"\n}");
    }

    var _ = counting();
    assertThat(
            tree(format(formatter, FIRST, "juicebox", Capacity.SMALLEST, PLAIN))
                .get("Name")
                .asText())
        .isEqualTo(FIRST.value());
    assertThat(runs()).isEqualTo(2);
  }

  /** The real program behind a script that counts its runs. */
  private Juicefs counting() throws IOException {
    return script(
        "echo run >>'%s'; exec '%s' \"$@\""
            .formatted(directory.resolve("runs"), Tools.program("juicefs")));
  }

  private Juicefs script(String commands) throws IOException {
    Path file = directory.resolve("juicefs");
    Path fresh = directory.resolve("fresh");
    Files.writeString(fresh, "#!/bin/sh\n" + commands + "\n");
    Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    return new Juicefs(file);
  }

  private int runs() throws IOException {
    return Files.readAllLines(directory.resolve("runs")).size();
  }

  private static ObjectNode tree(NewFilesystem filesystem) throws IOException {
    return (ObjectNode) JSON.readTree(filesystem.setting());
  }

  /** Of a backend whose servers are not there. */
  private static NewFilesystem format(Juicefs juicefs, String bucket, Duration timeout) {
    return format(new Formatter(juicefs, timeout), FIRST, bucket, Capacity.SMALLEST, PLAIN);
  }

  /**
   * As above.
   *
   * @param shared the bucket; empty for one of the lineage's own
   */
  private static NewFilesystem format(
      Formatter formatter,
      Lineage lineage,
      String shared,
      Capacity capacity,
      FormatParameters parameters) {
    String bucket = shared.isEmpty() ? lineage.value() : shared;
    return formatter.format(TestingBackend.of(Map.of()), lineage, bucket, capacity, parameters);
  }
}
