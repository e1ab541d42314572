package io.juicebox.controller.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class RedisReplicasTest {
  @Test
  void addressesAreThoseOfTheSlaveLines() {
    var info =
        Map.of(
            "role", "master",
            "connected_slaves", "3",
            "slave0", "ip=10.0.0.7,port=6379,state=online,offset=14,lag=0",
            "slave1", "ip=fd00::1,port=6380,state=online,offset=14,lag=0",
            "slave2", "state=wait_bgsave");

    assertThat(RedisReplicas.addresses(info, "rediss"))
        .containsExactly(
            URI.create("rediss://10.0.0.7:6379"), URI.create("rediss://[fd00::1]:6380"));
  }
}
