package io.juicebox.node.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateLockTest {
  private static final Duration PATIENT = Duration.ofSeconds(30);

  @TempDir Path directory;

  /** Another program that has the lock until it is killed. */
  static final class Holder {
    public static void main(String[] arguments) throws IOException {
      try (var _ = StateLock.take(Path.of(arguments[0]), StateLock.Kind.MOUNTS)) {
        System.out.println("held");
        var _ = System.in.read();
      }
    }
  }

  @Test
  void directoryIsMadeAndTheLockMayBeTakenAgain() throws IOException {
    Path state = directory.resolve("state");
    StateLock.take(state, StateLock.Kind.MOUNTS).close();
    StateLock.take(state, StateLock.Kind.MOUNTS).close();
    assertThat(state).isDirectory();
  }

  @Test
  void secondProgramIsKeptOff() throws IOException {
    Process holder = holder();
    try {
      assertThatThrownBy(
              () -> StateLock.take(directory, StateLock.Kind.MOUNTS, Duration.ofMillis(100)))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("mounts.lock")
          .hasMessageContaining("STATE_DIR");
      StateLock.take(directory, StateLock.Kind.PLUGIN, Duration.ZERO).close();
    } finally {
      holder.destroyForcibly();
    }
  }

  @Test
  void lockOfAProgramThatIsKilledIsFree() throws IOException {
    holder().destroyForcibly();
    StateLock.take(directory, StateLock.Kind.MOUNTS, PATIENT).close();
  }

  private Process holder() throws IOException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Holder.class.getName(),
                directory.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    assertThat(process.inputReader(StandardCharsets.UTF_8).readLine()).isEqualTo("held");
    return process;
  }
}
