package io.juicebox.node.claim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.juicebox.csi.status.DriverException.OperationPending;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ClaimsTest {
  @Test
  void secondIsRefusedAfterThePatience() {
    var claims = new Claims(Duration.ofMillis(50));
    try (var _ = claims.claim("a")) {
      assertThatThrownBy(() -> claims.claim("a")).isInstanceOf(OperationPending.class);
      assertThat(claims.claimNow("a")).isEmpty();
    }
  }

  @Test
  void secondWaitsForTheFirst() throws Exception {
    var claims = new Claims(Duration.ofSeconds(20));
    CompletableFuture<Void> second;
    try (var _ = claims.claim("a")) {
      second = CompletableFuture.runAsync(() -> claims.claim("a").close());
      assertThat(second).isNotDone();
    }
    second.get(20, TimeUnit.SECONDS);
  }

  @Test
  void thingsAreIndependentAndFreeAgainAfterwards() {
    var claims = new Claims(Duration.ofMillis(10));
    try (var _ = claims.claim("a");
        var _ = claims.claim("b")) {
      assertThat(claims.claimNow("c")).isPresent();
    }
    claims.claim("a").close();
    claims.claim("a").close();
  }
}
