package io.juicebox.controller.registry;

import io.juicebox.controller.redis.LuaScript;
import io.juicebox.controller.redis.RedisConnection;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Claims as Redis keeps them: a key with a token that expires by itself. */
final class Leases {
  private static final LuaScript LEASE = Scripts.load("lease");
  private static final LuaScript RENEW = Scripts.load("renew");
  private static final LuaScript RELEASE = Scripts.load("release");

  private final RedisConnection redis;
  private final Duration duration;

  Leases(RedisConnection redis, Duration duration) {
    this.redis = redis;
    this.duration = duration;
  }

  Duration duration() {
    return duration;
  }

  /** The duration as scripts take it. */
  String millis() {
    return Long.toString(duration.toMillis());
  }

  Optional<Claim> take(String key) {
    return redis.text(LEASE, List.of(), key, millis()).map(token -> new Claim(this, key, token));
  }

  boolean renew(String key, String token) {
    return redis.number(RENEW, List.of(), key, token, millis()) == 1;
  }

  void release(String key, String token) {
    redis.number(RELEASE, List.of(), key, token);
  }
}
