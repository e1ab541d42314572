package io.juicebox.csi.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.juicebox.csi.status.DriverException.InvalidRequest;
import io.juicebox.csi.status.DriverException.OutOfRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class CapacityTest {
  private static final Capacity DEFAULT = new Capacity(10L << 30);

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # required            | limit               | chosen
          0                     | 0                   | 10737418240
          0                     | 9223372036854775807 | 10737418240
          0                     | 10737418240         | 10737418240
          0                     | 10737418239         | 10737414144
          0                     | 1048576             | 1048576
          0                     | 1052671             | 1048576
          1                     | 0                   | 1048576
          1                     | 1048576             | 1048576
          1048575               | 0                   | 1048576
          1048576               | 1048576             | 1048576
          1048577               | 0                   | 1052672
          1048577               | 1052672             | 1052672
          1048577               | 9223372036854775807 | 1052672
          5368709120            | 5368709121          | 5368709120
          1152921504606846975   | 0                   | 1152921504606846976
          1152921504606846976   | 0                   | 1152921504606846976
          """)
  void chosenCapacityLiesWithinTheBounds(long required, long limit, long chosen) {
    assertThat(Capacity.choose(required, limit, DEFAULT)).isEqualTo(new Capacity(chosen));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # required            | limit               | field
          -1                    | 0                   | capacity_range.required_bytes
          -9223372036854775808  | 0                   | capacity_range.required_bytes
          0                     | -1                  | capacity_range.limit_bytes
          1048576               | -1                  | capacity_range.limit_bytes
          1048577               | 1048576             | capacity_range.limit_bytes
          9223372036854775807   | 1                   | capacity_range.limit_bytes
          """)
  void boundsThatContradictAreInvalid(long required, long limit, String field) {
    assertThatThrownBy(() -> Capacity.choose(required, limit, DEFAULT))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageStartingWith(field + " ");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # required            | limit               | field
          9223372036854775807   | 0                   | capacity_range.required_bytes
          1152921504606846977   | 0                   | capacity_range.required_bytes
          9223372036854775807   | 9223372036854775807 | capacity_range.required_bytes
          1                     | 1048575             | capacity_range.limit_bytes
          0                     | 1                   | capacity_range.limit_bytes
          0                     | 1048575             | capacity_range.limit_bytes
          1048577               | 1048577             | capacity_range.limit_bytes
          1048577               | 1052671             | capacity_range.limit_bytes
          """)
  void boundsWithoutACapacityAreOutOfRange(long required, long limit, String field) {
    assertThatThrownBy(() -> Capacity.choose(required, limit, DEFAULT))
        .isInstanceOf(OutOfRange.class)
        .hasMessageStartingWith(field + ": ");
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -4096, 1, 4095, 4097, Long.MAX_VALUE})
  void capacityIsAPositiveMultipleOfTheUnit(long bytes) {
    assertThatThrownBy(() -> new Capacity(bytes)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void capacitiesAreOrderedBySize() {
    assertThat(Capacity.SMALLEST).isLessThan(Capacity.LARGEST);
  }
}
