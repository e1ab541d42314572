package io.juicebox.controller.credential;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.juicebox.controller.TestingBackend;
import io.juicebox.controller.object.Account;
import io.juicebox.controller.redis.RedisConnection;
import io.juicebox.controller.registry.Blanks;
import io.juicebox.csi.status.DriverException.BackendUnavailable;
import io.juicebox.csi.volume.BackendName;
import io.juicebox.csi.volume.Secret;
import io.juicebox.test.server.TestingRedis;
import io.lettuce.core.resource.ClientResources;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("real")
final class AccountPoolTest {
  private static final BackendName BACKEND = new BackendName("default");

  private static TestingRedis server;
  private static ClientResources resources;
  private static RedisConnection redis;

  private final TestingAccounts accounts = new TestingAccounts();
  private final AccountPool pool = pool();

  @BeforeAll
  static void start() {
    server = TestingRedis.start();
    resources = RedisConnection.resources();
    redis = new RedisConnection(resources, TestingBackend.of(server), Duration.ofSeconds(8));
  }

  @AfterEach
  void empty() {
    server.cli(0, "FLUSHALL");
  }

  @AfterAll
  static void stop() {
    redis.close();
    server.close();
    var _ = resources.shutdown();
  }

  private AccountPool pool() {
    return new AccountPool(BACKEND, "shared", new Blanks(redis), accounts, 3);
  }

  @Test
  void isFilledAndFilledAgain() {
    assertThat(pool.take()).isEmpty();
    pool.maintain();
    assertThat(pool.count()).isEqualTo(3);
    Blank blank = pool.take().orElseThrow();
    String id = blank.id().value();
    assertThat(accounts.made).containsEntry(id, new Account(id, blank.secretKey()));
    assertThat(accounts.grants)
        .hasEntrySatisfying(id, grant -> assertThat(grant.buckets()).containsExactly("shared", id));

    pool.maintain();
    assertThat(pool.count()).isEqualTo(3);
    pool.giveBack(blank);
    assertThat(pool.count()).isEqualTo(4);
  }

  @Test
  void whatAnotherProcessLeftIsRemovedWhenItsLeaseIsOver() {
    pool().maintain();
    Set<String> lefts = new HashSet<>(accounts.made.keySet());
    pool.maintain();
    assertThat(accounts.made).hasSize(6);

    lefts.forEach(id -> server.cli(1, "ZADD", "blanks", "1", id));
    pool.maintain();

    assertThat(accounts.made).hasSize(3).doesNotContainKeys(lefts.toArray(String[]::new));
    assertThat(server.cli(1, "EXISTS", "torn")).isEqualTo("0");
  }

  @Test
  void oneWhoseLeaseIsOverIsTakenForNoVolume() {
    pool.maintain();
    String id = accounts.made.keySet().iterator().next();
    server.cli(1, "ZADD", "blanks", "1", id);

    pool.maintain();

    assertThat(pool.count()).isEqualTo(3);
    assertThat(accounts.made).hasSize(3).doesNotContainKey(id);
  }

  @Test
  void nothingIsReservedWhereThereAreNoAccounts() {
    accounts.away = true;
    assertThatThrownBy(pool::maintain).isInstanceOf(BackendUnavailable.class);
    assertThat(server.cli(1, "EXISTS", "blanks")).isEqualTo("0");
  }

  @Test
  void oneTornAccountThatStaysHoldsUpNothing() {
    server.cli(1, "SADD", "torn", BACKEND.value() + "-" + "0".repeat(20));
    accounts.keeping = true;
    pool.maintain();
    assertThat(pool.count()).isEqualTo(3);
    assertThat(server.cli(1, "SCARD", "torn")).isEqualTo("1");
  }

  @Test
  void aControllerThatEndsTakesThemAlong() {
    pool.maintain();
    pool.close();
    assertThat(accounts.made).isEmpty();
    assertThat(pool.take()).isEmpty();
    pool.maintain();
    assertThat(accounts.made).isEmpty();
  }

  @Test
  void accountsAreMadeInTheQuietAfterTheCalls() {
    pool.maintain();
    long taken = System.nanoTime(); // the pool's own is later
    var _ = pool.take();
    pool.maintain();
    assertThat(Duration.ofNanos(System.nanoTime() - taken))
        .isGreaterThanOrEqualTo(Duration.ofMillis(250));
    assertThat(pool.count()).isEqualTo(3);
  }

  @Test
  void callsThatNeverEndDoNotKeepThemFromBeingMade() throws Exception {
    pool.maintain();
    while (pool.take().isPresent()) {}
    try (var calls = Executors.newSingleThreadScheduledExecutor()) {
      var _ =
          calls.scheduleAtFixedRate(
              () -> pool.take().ifPresent(pool::giveBack), 0, 20, MILLISECONDS);
      pool.maintain();
      calls.shutdownNow();
    }
    // One may be out at the moment at which they are counted.
    assertThat(pool.count()).isBetween(3, 4);
  }

  /** Its policy may be another: only the process that has its secret can make a volume of it. */
  @Test
  void whatAnotherVersionReservedIsItsOwnAndRemovedWhenItIsGone() {
    String theirs = BACKEND.value() + "-" + "0".repeat(20);
    accounts.made.put(theirs, new Account(theirs, new Secret("of another version")));
    server.cli(1, "ZADD", "blanks", "1e15", theirs);
    pool.maintain();
    assertThat(pool.count()).isEqualTo(3); // its secret is not ours, so it is no blank of ours
    assertThat(accounts.made).hasSize(4).containsKey(theirs);

    server.cli(1, "ZADD", "blanks", "1", theirs);
    pool.maintain();
    assertThat(accounts.made).hasSize(3).doesNotContainKey(theirs);
    assertThat(server.cli(1, "ZSCORE", "blanks", theirs)).isEmpty();
    assertThat(server.cli(1, "EXISTS", "torn")).isEqualTo("0");
  }

  @Test
  void anEntryThatIsNoIdHoldsUpNothing() {
    String torn = BACKEND.value() + "-" + "0".repeat(20);
    server.cli(1, "ZADD", "blanks", "1", "{of another shape}", "1", torn);
    accounts.made.put(torn, new Account(torn, new Secret("of another version")));
    pool.maintain();
    assertThat(accounts.made).hasSize(3).doesNotContainKey(torn);
    assertThat(server.cli(1, "ZCARD", "blanks")).isEqualTo("3");
    assertThat(server.cli(1, "EXISTS", "torn")).isEqualTo("0");
  }

  @Test
  void anAccountThatWasNotMadeIsRemovedLater() {
    accounts.failing = true;
    assertThatThrownBy(pool::maintain).isInstanceOf(BackendUnavailable.class);
    assertThat(pool.count()).isZero();
    assertThat(server.cli(1, "ZCARD", "blanks")).isEqualTo("1"); // it may have been made after all

    accounts.failing = false;
    String id = server.cli(1, "ZRANGE", "blanks", "0", "0");
    server.cli(1, "ZADD", "blanks", "1", id);
    pool.maintain();
    assertThat(server.cli(1, "ZSCORE", "blanks", id)).isEmpty();
  }
}
