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
  void stepThatIsWaitedForIsNamedAndPassedWhenTheNameIsGone() throws Exception {
    Files.createFile(folder.resolve("create.formatted"));
    Thread paused = Thread.ofPlatform().daemon().start(() -> steps().reached(FORMATTED));
    Path held = folder.resolve("create.formatted.reached");
    await().until(() -> Files.exists(held));
    assertThat(folder.resolve("create.formatted")).doesNotExist();
    await().during(Duration.ofMillis(50)).until(paused::isAlive);
    Files.delete(held);
    await().until(() -> !paused.isAlive());
  }

  @Test
  void interruptedPauseStaysQuiet() throws Exception {
    Files.createFile(folder.resolve("create.formatted"));
    Thread paused = Thread.ofPlatform().daemon().start(() -> steps().reached(FORMATTED));
    await().until(() -> paused.getState() == State.TIMED_WAITING);
    paused.interrupt();
    await().during(Duration.ofMillis(50)).until(() -> paused.isAlive() && !paused.isInterrupted());
  }

  private Steps steps() {
    return Steps.from(Map.of(Steps.SETTING, folder.toString()));
  }
}
