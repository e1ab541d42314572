package io.juicebox.node.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateLockTest {
  private static final Duration PATIENT = Duration.ofSeconds(30);

  @TempDir Path directory;

  /** Another program that has the lock until it is killed. */
  static final class Holder {
    public static void main(String[] arguments) throws IOException {
      try (var _ = StateLock.take(Path.of(arguments[0]), StateLock.OF_MOUNTS)) {
        System.out.println("held");
        var _ = System.in.read();
      }
    }
  }

  @Test
  void directoryIsMadeAndTheLockMayBeTakenAgain() throws IOException {
    Path state = directory.resolve("state");
    StateLock.take(state, StateLock.OF_MOUNTS).close();
    StateLock.take(state, StateLock.OF_MOUNTS).close();
    assertThat(state).isDirectory();
  }

  @Test
  void secondProgramIsKeptOff() throws IOException {
    Process holder = holder();
    try {
      assertThatThrownBy(
              () -> StateLock.take(directory, StateLock.OF_MOUNTS, Duration.ofMillis(100)))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("mounts.lock")
          .hasMessageContaining("STATE_DIR");
      StateLock.take(directory, StateLock.OF_PLUGIN, Duration.ZERO).close();
    } finally {
      holder.destroyForcibly();
    }
  }

  @Test
  void lockOfAProgramThatIsKilledIsFree() throws Exception {
    Process holder = holder();
    CompletableFuture<StateLock> waiting =
        CompletableFuture.supplyAsync(() -> {
          try {
            return StateLock.take(directory, StateLock.OF_MOUNTS, PATIENT);
          } catch (IOException e) {
            throw new AssertionError(e);
          }
        });
    assertThat(waiting).isNotDone();
    holder.destroyForcibly();
    waiting.join().close();
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
