package io.juicebox.node.cgroup;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class OomScoreTest {
  private static final int CAP_SYS_RESOURCE = 24;

  private Process process;

  @BeforeEach
  void start() throws IOException {
    process = new ProcessBuilder("sleep", "60").start();
  }

  @AfterEach
  void end() throws InterruptedException {
    process.destroyForcibly();
    assertThat(process.waitFor()).isEqualTo(128 + 9);
  }

  @Test
  void itMayBeRaisedAndSetBack() {
    int before = OomScore.of(process.pid()).orElseThrow();
    OomScore.set(process.pid(), 700);
    assertThat(OomScore.of(process.pid())).hasValue(700);
    OomScore.set(process.pid(), before);
    assertThat(OomScore.of(process.pid())).hasValue(before);
  }

  @Test
  void toLowerItTakesARightAndIsNoFailure() throws IOException {
    int before = OomScore.of(process.pid()).orElseThrow();
    OomScore.set(process.pid(), -900);
    assertThat(OomScore.of(process.pid())).hasValue(mayLower() ? -900 : before);
  }

  @Test
  void aProcessThatHasEndedHasNone() throws Exception {
    Process ended = new ProcessBuilder("true").start();
    assertThat(ended.waitFor()).isZero();
    OomScore.set(ended.pid(), 0);
    assertThat(OomScore.of(ended.pid())).isEmpty();
  }

  private static boolean mayLower() throws IOException {
    try (var lines = Files.lines(Path.of("/proc/self/status"))) {
      String rights = lines.filter(line -> line.startsWith("CapEff:")).findFirst().orElseThrow();
      return (Long.parseUnsignedLong(rights.substring(7).strip(), 16) >> CAP_SYS_RESOURCE & 1) == 1;
    }
  }
}
