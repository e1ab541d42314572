package io.juicebox.test.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.juicebox.test.Main;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Runs {@link BlackHole} in a network namespace of its own; its table is one of its own, too. */
@Tag("faults")
@DisplayName("faults: packets are lost")
final class BlackHoleTest {
  private static final Duration LIMIT = Duration.ofMinutes(30);

  @Test
  @Timeout(2400)
  void bothServersAreInABlackHole() throws IOException, InterruptedException {
    var command = new ArrayList<String>();
    command.addAll(
        List.of("unshare", "--net", "sh", "-c", "ip link set lo up && exec \"$@\"", "sh"));
    command.add(Path.of(System.getProperty("java.home"), "bin/java").toString());
    command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    for (var property : List.of("soak", "strict")) {
      command.add("-D%s=%b".formatted(property, Boolean.getBoolean(property)));
    }
    command.add("-D%s=%s".formatted(BlackHole.MACHINE, BlackHole.network()));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    command.addAll(List.of("stage", BlackHole.STAGE));
    var builder = new ProcessBuilder(command).inheritIO();
    builder.environment().remove("JUICEBOX_RESULTS"); // it is this stage that counts
    var process = builder.start();
    try {
      assertThat(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).as("it ends").isTrue();
      assertThat(process.exitValue()).as("its exit code").isZero();
    } finally {
      process.destroy(); // what it has started ends with it
      process.waitFor();
    }
  }
}
