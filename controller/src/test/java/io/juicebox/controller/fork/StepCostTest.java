package io.juicebox.controller.fork;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StepCostTest {
  private final StepCost cost = new StepCost(Duration.ofMillis(50), 100_000);

  @Test
  void itBeginsWithLittle() {
    assertThat(cost.elements()).isEqualTo(2_500);
  }

  @Test
  void aFastServerIsAskedForMore() {
    for (int i = 0; i < 50; i++) {
      cost.measured(1_000, Duration.ofMillis(1));
    }
    assertThat(cost.elements()).isBetween(24_000L, 25_000L);
  }

  @Test
  void aSlowServerIsAskedForLess() {
    for (int i = 0; i < 50; i++) {
      cost.measured(1_000, Duration.ofMillis(100));
    }
    assertThat(cost.elements()).isBetween(250L, 260L);
  }

  @Test
  void theFirstMeasurementReplacesTheGuess() {
    assertThat(cost.isKnown()).isFalse();
    cost.measured(1_000, Duration.ofMillis(1));
    assertThat(cost.isKnown()).isTrue();
    assertThat(cost.elements()).isEqualTo(25_000);
  }

  @Test
  void aLaterOneTellsLittle() {
    cost.measured(1_000, Duration.ofMillis(1));
    cost.measured(1_000, Duration.ofMillis(11));
    assertThat(cost.elements()).isEqualTo(8_333); // 3 us each
  }

  @Test
  void aShortStepTellsNothing() {
    cost.measured(99, Duration.ofSeconds(1));
    assertThat(cost.isKnown()).isFalse();
    assertThat(cost.elements()).isEqualTo(2_500);
  }

  @Test
  void neverFewerThanWhatMakesProgress() {
    cost.measured(1_000, Duration.ofSeconds(10));
    assertThat(cost.elements()).isEqualTo(100);
  }

  @Test
  void neverMoreThanTheSetting() {
    for (int i = 0; i < 100; i++) {
      cost.measured(1_000_000, Duration.ofMillis(1));
    }
    assertThat(cost.elements()).isEqualTo(100_000);
  }

  @ParameterizedTest
  @CsvSource({"0, 50", "10, 50", "30, 60", "100, 200", "390, 780", "401, 800", "5000, 800"})
  void aPauseIsAsLongAsWhatItIsFor(long took, long pause) {
    assertThat(cost.pause(Duration.ofMillis(took))).isEqualTo(Duration.ofMillis(pause));
  }
}
