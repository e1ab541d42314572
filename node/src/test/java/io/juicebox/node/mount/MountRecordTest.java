package io.juicebox.node.mount;

import static org.assertj.core.api.Assertions.assertThat;

import io.juicebox.csi.volume.CacheClass;
import io.juicebox.csi.volume.Lineage;
import io.juicebox.csi.volume.MountParameters;
import io.juicebox.csi.volume.Number;
import io.juicebox.csi.volume.PvcName;
import io.juicebox.csi.volume.VolumeContext;
import io.juicebox.csi.volume.VolumeId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MountRecordTest {
  private static final VolumeId VOLUME = new VolumeId("default-abcdefghij0123456789");
  private static final MountRecord RECORD =
      new MountRecord(
          VOLUME,
          new VolumeContext(
              new Number(7),
              Lineage.startedBy(VOLUME),
              UUID.fromString("11111111-2222-3333-4444-555555555555"),
              "blocks",
              CacheClass.EXCLUSIVE,
              new MountParameters(
                  1L << 30,
                  Optional.of(Path.of("/fast")),
                  64L << 20,
                  OptionalLong.of(1L << 28),
                  OptionalLong.empty(),
                  OptionalLong.of(100),
                  true)),
          new TreeMap<>(Map.of("writeback", "", "max-uploads", "4")),
          Path.of("/fast/default-abcdefghij0123456789"),
          Optional.empty(),
          OptionalLong.empty(),
          Optional.empty(),
          Optional.empty(),
          false);

  @TempDir private Path directory;

  @Test
  void isReadAsItWasWritten() throws IOException {
    var files = new VolumeFiles(directory);
    ProcessIdentity self = ProcessIdentity.running(ProcessHandle.current().pid()).orElseThrow();

    RECORD.write(files);
    assertThat(MountRecord.read(files)).contains(RECORD);
    RECORD.startedAs(self).write(files);
    assertThat(MountRecord.read(files)).contains(RECORD.startedAs(self));
    MountRecord served = RECORD.startedAs(self).serving(7, "0:99").leaving(Path.of("/tmp/s")).due();
    served.write(files);
    assertThat(MountRecord.read(files)).contains(served);

    assertThat(MountRecord.read(files).orElseThrow().context().pvc()).isEmpty();

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(files.record())))
        .isEqualTo("rw-------");
  }

  @Test
  void claimIsRemembered() throws IOException {
    var files = new VolumeFiles(directory);
    var claim = Optional.of(new PvcName("team", "data"));
    new MountRecord(
            VOLUME,
            RECORD.context().madeFor(claim),
            RECORD.options(),
            RECORD.cache(),
            RECORD.process(),
            RECORD.session(),
            RECORD.device(),
            RECORD.state(),
            RECORD.outdated())
        .write(files);
    assertThat(MountRecord.read(files).orElseThrow().context().pvc()).isEqualTo(claim);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{", "{}", "[]", "{\"volume\": \"../x\"}"})
  void whatCannotBeReadIsAbsent(String text) throws IOException {
    var files = new VolumeFiles(directory);
    assertThat(MountRecord.read(files)).isEmpty();

    Files.writeString(files.record(), text);

    assertThat(MountRecord.read(files)).isEmpty();
  }
}
