package io.juicebox.test.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StageRunnerTest {

  @Test
  void whatDidNotPassCountsAsFailed() {
    var output = new ByteArrayOutputStream();
    var results =
        StageRunner.run(
            "example",
            List.of("StageRunnerTest"),
            new PrintStream(output, true, StandardCharsets.UTF_8));
    // Passed: passes, 2 of the table. Failed: the third of the table, skipped, gaveUp, the class
    // without a set-up.
    assertThat(results).isEqualTo(new Results("example", 3, 4));
    assertThat(output.toString(StandardCharsets.UTF_8)).contains("SKIP", "an example of a set-up");
  }

  @Test
  void aStageWithoutTestsIsAFailure() {
    assertThat(
            StageRunner.run(
                    "no-such-stage",
                    List.of(),
                    new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8))
                .exitCode())
        .isEqualTo(1);
  }

  @Nested
  @Tag("example")
  class Examples {
    @Test
    void passes() {}

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void smallerThanThree(int number) {
      assertThat(number).isLessThan(3);
    }

    @Test
    @Disabled("an example of a skipped test")
    void skipped() {}

    @Test
    void gaveUp() {
      assumeTrue(false, "an example of a test that gives up");
    }
  }

  @Nested
  @Tag("example")
  class ExamplesWithoutSetUp {
    @BeforeAll
    static void setUp() {
      assertThat("an example of a set-up").isEqualTo("one that works");
    }

    @Test
    void neverRuns() {}
  }
}
