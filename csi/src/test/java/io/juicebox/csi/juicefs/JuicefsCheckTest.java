package io.juicebox.csi.juicefs;

import static org.assertj.core.api.Assertions.assertThat;

import io.juicebox.test.server.Tools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("real")
class JuicefsCheckTest {
  @TempDir private Path directory;

  @Test
  void theProgramOfTheTestsIsUsable() {
    assertThat(new JuicefsCheck(new Juicefs(Tools.program("juicefs"))).unready()).isEmpty();
  }

  @Test
  void aMissingProgramIsNamedUntilItIsThere() throws IOException {
    Path program = directory.resolve("juicefs");
    var check = new JuicefsCheck(new Juicefs(program));

    assertThat(check.unready()).contains(program.toString()).contains("JUICEFS");

    script(program, "exec %s \"$@\"".formatted(Tools.program("juicefs")));
    assertThat(check.unready()).isEmpty();
  }

  @Test
  void anOldProgramIsRefused() throws IOException {
    Path program = directory.resolve("juicefs");
    script(program, "echo juicefs version 1.4.1+2026");

    assertThat(new JuicefsCheck(new Juicefs(program)).unready())
        .contains("1.4.1")
        .contains("install JuiceFS 1.4.2");
  }

  private static void script(Path file, String command) throws IOException {
    Files.writeString(file, "#!/bin/sh\n" + command + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
  }
}
