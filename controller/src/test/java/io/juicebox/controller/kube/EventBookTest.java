package io.juicebox.controller.kube;

import static org.assertj.core.api.Assertions.assertThat;

import io.juicebox.controller.kube.EventBook.Due;
import io.juicebox.controller.kube.Failure.Reason;
import io.juicebox.csi.volume.PvcName;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EventBookTest {
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private final EventBook book = new EventBook(() -> now);

  @Test
  void aFirstFailureIsDueAtOnce() {
    book.happened(failure("a", "x"));
    assertThat(book.idle()).isZero();
    Due due = book.due().orElseThrow();
    assertThat(due.event()).isEmpty();
    assertThat(due.count()).isEqualTo(1);
    book.told(due, "e1");
    assertThat(book.due()).isEmpty();
    assertThat(book.idle()).isEqualTo(Duration.ofHours(1));
  }

  @Test
  void repeatsAreDueTogetherAfterAMinute() {
    book.happened(failure("a", "x"));
    book.told(book.due().orElseThrow(), "e1");
    for (int i = 0; i < 59; i++) {
      pass(Duration.ofSeconds(1));
      assertThat(book.happened(failure("a", "x"))).isTrue();
      assertThat(book.due()).isEmpty();
    }
    assertThat(book.idle()).isEqualTo(Duration.ofSeconds(1));
    pass(Duration.ofSeconds(1));
    Due due = book.due().orElseThrow();
    assertThat(due.event()).contains("e1");
    assertThat(due.count()).isEqualTo(60);
    assertThat(Duration.between(due.first(), due.last())).isEqualTo(Duration.ofSeconds(59));
  }

  @Test
  void whatHappensWhileItIsToldIsToldNextTime() {
    book.happened(failure("a", "x"));
    Due due = book.due().orElseThrow();
    book.happened(failure("a", "x"));
    book.told(due, "e1");
    pass(EventBook.BETWEEN_COUNTS);
    assertThat(book.due()).hasValueSatisfying(next -> assertThat(next.count()).isEqualTo(2));
  }

  @Test
  void whatFailsHasItsNextTurnLaterAndHoldsUpNobody() {
    book.happened(failure("a", "x"));
    book.happened(failure("b", "x"));
    book.later(book.due().orElseThrow());
    assertThat(book.due()).map(due -> due.failure()).contains(failure("b", "x"));
    book.forget(book.due().orElseThrow());
    assertThat(book.due()).isEmpty();
    pass(EventBook.AGAIN);
    assertThat(book.due()).map(due -> due.failure()).contains(failure("a", "x"));
  }

  @Test
  void anExpiredEventCountsAnew() {
    book.happened(failure("a", "x"));
    book.told(book.due().orElseThrow(), "e1");
    pass(Duration.ofHours(2));
    book.happened(failure("a", "x"));
    book.happened(failure("a", "x"));
    book.expired(book.due().orElseThrow());
    Due due = book.due().orElseThrow();
    assertThat(due.event()).isEmpty();
    assertThat(due.count()).isEqualTo(2);
    assertThat(due.first()).isEqualTo(now);
  }

  @Test
  void aVolumeWithAnotherTextEachTimeHasFewEvents() {
    int accepted = 0;
    for (int i = 0; i < 600; i++) {
      accepted += book.happened(failure("a", "request " + i)) ? 1 : 0;
      pass(Duration.ofSeconds(1));
    }
    assertThat(accepted).isEqualTo(EventBook.MOST_OF_A_VOLUME);
    assertThat(book.happened(failure("b", "request"))).isTrue();
    pass(Duration.ofSeconds(5));
    assertThat(book.happened(failure("a", "request 600"))).isTrue();
  }

  @Test
  void aFullBookForgetsTheOldestThatWasToldAndNoOther() {
    for (int i = 0; i < EventBook.MOST; i++) {
      assertThat(book.happened(failure("v" + i, "x"))).isTrue();
    }
    assertThat(book.happened(failure("one more", "x"))).isFalse();
    assertThat(book.happened(failure("v7", "x"))).isTrue();

    assertThat(allDue()).hasSize(EventBook.MOST);
    assertThat(book.happened(failure("one more", "x"))).isTrue();
    assertThat(allDue()).extracting(due -> due.failure()).containsExactly(failure("one more", "x"));
  }

  private List<Due> allDue() {
    var all = new ArrayList<Due>();
    for (var due = book.due(); due.isPresent(); due = book.due()) {
      all.add(due.get());
      book.told(due.get(), "e");
    }
    return all;
  }

  private void pass(Duration time) {
    now = now.plus(time);
  }

  private static Failure failure(String volume, String message) {
    return new Failure(
        Reason.VOLUME_CREATION_FAILED,
        new Whose.Claimed(volume, new PvcName("default", "data")),
        message);
  }
}
