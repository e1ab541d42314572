package io.juicebox.node.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class CoreDumpsTest {
  @Test
  void areForbiddenToUsAndOurChildren() throws IOException, InterruptedException {
    CoreDumps.forbid();

    assertThat(Files.readString(Path.of("/proc/self/limits")))
        .containsPattern("Max core file size +0 +0 ");
    Process child = new ProcessBuilder("sleep", "10").start();
    assertThat(Files.readString(Path.of("/proc/" + child.pid() + "/limits")))
        .containsPattern("Max core file size +0 +0 ");
    child.destroy();
    assertThat(child.waitFor(10, TimeUnit.SECONDS)).isTrue();
  }
}
