package io.juicebox.csi.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.awaitility.Awaitility.await;

import java.lang.Thread.State;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StepsTest {
  private static final Steps.Step FORMATTED = () -> "create.formatted";

  @TempDir private Path folder;

  @Test
  void reachingAStepDoesNothingInProduction() {
    assertThatCode(() -> Steps.from(Map.of()).reached(FORMATTED)).doesNotThrowAnyException();
  }

  @Test
  void stepThatNobodyWaitsForIsPassed() throws Exception {
    Files.createFile(folder.resolve("create.bucket"));
    steps().reached(FORMATTED);
    assertThat(folder).isDirectoryNotContaining("glob:**.reached");
  }

  @Test
  void stepIsPassedWhereTheFolderIsMissing() {
    var steps = Steps.from(Map.of(Steps.SETTING, folder.resolve("nowhere").toString()));
    assertThatCode(() -> steps.reached(FORMATTED)).doesNotThrowAnyException();
  }

  @Test
  void stepThatIsWaitedForIsNamedAndNeverPassed() throws Exception {
    Files.createFile(folder.resolve("create.formatted"));
    Thread paused = Thread.ofPlatform().daemon().start(() -> steps().reached(FORMATTED));
    await().until(() -> Files.exists(folder.resolve("create.formatted.reached")));
    assertThat(folder.resolve("create.formatted")).doesNotExist();
    await().until(() -> paused.getState() == State.WAITING);
  }

  @Test
  void interruptedPauseStaysQuiet() throws Exception {
    Files.createFile(folder.resolve("create.formatted"));
    Thread paused = Thread.ofPlatform().daemon().start(() -> steps().reached(FORMATTED));
    await().until(() -> paused.getState() == State.WAITING);
    paused.interrupt();
    await()
        .during(Duration.ofMillis(50))
        .until(() -> paused.isAlive() && paused.getState() == State.WAITING);
  }

  private Steps steps() {
    return Steps.from(Map.of(Steps.SETTING, folder.toString()));
  }
}
