package io.juicebox.test.isolation;

import static org.assertj.core.api.Assertions.assertThat;

import io.juicebox.test.server.Waiting;
import io.juicebox.test.stack.LocalStack;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Whatever becomes of a controller: the accounts of MinIO are those of volumes and of the pool. */
@Tag("isolation")
@DisplayName("Accounts in advance")
final class AccountsInAdvanceTest {
  private static final int SIZE = 3;
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Duration POLL = Duration.ofMillis(200);

  private LocalStack stack;

  @BeforeEach
  void start() {
    stack = LocalStack.builder().controller("ACCOUNT_POOL", Integer.toString(SIZE)).start();
    awaitPool(Set.of());
  }

  @AfterEach
  void end() {
    stack.close();
  }

  @Test
  @DisplayName("of a controller that was killed go, and its successor has its own")
  void killed() {
    var first = OwnVolume.create(stack, "first");
    stack.controller().kill();
    var torn = waiting(); // nobody adds to it any more
    stack.controller().restart();

    var second = OwnVolume.create(stack, "second"); // whether the pool is empty or not
    assertThat(torn).doesNotContain(second.volume().getVolumeId());
    for (var id : torn) { // as when the time is over for which they were kept
      stack.backend().redis().cli(1, "ZADD", "blanks", "XX", "1", id);
    }
    awaitPool(Set.of(first.volume().getVolumeId(), second.volume().getVolumeId()));
    assertThat(waiting()).doesNotContainAnyElementsOf(torn);

    first.delete();
    second.delete();
    awaitPool(Set.of());
  }

  @Test
  @DisplayName("are enough for a few volumes, then each waits for its own; none is left over")
  void used() {
    var ids = new TreeSet<String>();
    for (int i = 0; i < 2 * SIZE; i++) {
      ids.add(OwnVolume.create(stack, "volume-" + i).volume().getVolumeId());
    }
    awaitPool(ids);
  }

  @Test
  @DisplayName("go with a controller that ends in order")
  void ended() {
    stack.controller().stop();
    assertThat(accounts()).isEmpty();
    stack.controller().restart();
  }

  /** Until MinIO has the accounts of these volumes, and of the full pool, and no other. */
  private void awaitPool(Set<String> volumes) {
    Supplier<Set<String>> wanted =
        () ->
            Stream.concat(volumes.stream(), waiting().stream())
                .collect(Collectors.toCollection(TreeSet::new));
    var _ = Waiting.until(() -> pool(wanted.get()), LIMIT, POLL);
    assertThat(waiting()).hasSize(SIZE);
    assertThat(accounts()).isEqualTo(wanted.get());
    assertThat(stack.backend().redis().cli(1, "EXISTS", "torn")).isEqualTo("0");
  }

  private boolean pool(Set<String> wanted) {
    return waiting().size() == SIZE
        && accounts().equals(wanted)
        && stack.backend().redis().cli(1, "EXISTS", "torn").equals("0");
  }

  private Set<String> waiting() {
    return stack
        .backend()
        .redis()
        .cli(1, "ZRANGE", "blanks", "0", "-1")
        .lines()
        .collect(Collectors.toSet());
  }

  private Set<String> accounts() {
    return stack.backend().minio().accounts();
  }
}
