package io.juicebox.test.fork;

import static org.assertj.core.api.Assertions.assertThat;

import io.juicebox.test.fork.History.Change;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class HistoryTest {
  /** The last change of a overlaps both of b. */
  private static final History HISTORY =
      new History(
          Map.of(
              "a", List.of(new Change(10, 20), new Change(30, 60)),
              "b", List.of(new Change(35, 40), new Change(50, 55))));

  @ParameterizedTest
  @CsvSource({"0,0", "1,0", "1,1", "1,2", "2,0", "2,1", "2,2"})
  void findsTheInstantOfEachConsistentCopy(int a, int b) {
    assertThat(HISTORY.whyNoInstant(Map.of("a", a, "b", b), 0, 100)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"0,1", "0,2"})
  void findsNoneWhereWhatWasDoneBeforeIsMissing(int a, int b) {
    assertThat(HISTORY.whyNoInstant(Map.of("a", a, "b", b), 0, 100))
        .hasValueSatisfying(why -> assertThat(why).contains("end of a 1"));
  }

  @Test
  void findsNoneWhereWhatWasDoneBeforeTheCallIsMissing() {
    assertThat(HISTORY.whyNoInstant(Map.of("a", 1, "b", 0), 41, 100))
        .hasValueSatisfying(why -> assertThat(why).startsWith("the call").contains("end of b 1"));
  }

  @Test
  void findsNoneWhereWhatBeganAfterTheAnswerIsThere() {
    assertThat(HISTORY.whyNoInstant(Map.of("a", 1, "b", 2), 0, 49))
        .hasValueSatisfying(why -> assertThat(why).contains("begin of b 2", "the answer"));
  }

  @Test
  void findsNoneWhereThereIsMoreThanWasMade() {
    assertThat(HISTORY.whyNoInstant(Map.of("a", 3, "b", 2), 0, 100)).isPresent();
    assertThat(HISTORY.whyNoInstant(Map.of("a", 1), 0, 100)).isPresent();
  }

  @Test
  void countsWhatIsDoneInASecond() {
    assertThat(HISTORY.rate(20, 60)).isEqualTo(3 / 40e-9);
  }
}
