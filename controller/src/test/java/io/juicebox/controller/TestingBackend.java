package io.juicebox.controller;

import io.juicebox.csi.volume.BackendConnection;
import io.juicebox.test.server.TestingMinio;
import io.juicebox.test.server.TestingRedis;
import java.util.HashMap;
import java.util.Map;

/** The keys of a backend made of real servers, or of addresses where nobody listens. */
public final class TestingBackend {
  private TestingBackend() {}

  public static BackendConnection of(TestingRedis redis) {
    return of(Map.of("redis-address", redis.address(), "redis-password", redis.password()));
  }

  public static BackendConnection of(TestingMinio minio) {
    return of(
        Map.of(
            "object-endpoint", minio.endpoint(),
            "object-access-key", minio.accessKey(),
            "object-secret-key", minio.secretKey()));
  }

  public static BackendConnection of(TestingRedis redis, TestingMinio minio) {
    return of(
        Map.of(
            "redis-address", redis.address(),
            "redis-password", redis.password(),
            "object-endpoint", minio.endpoint(),
            "object-access-key", minio.accessKey(),
            "object-secret-key", minio.secretKey()));
  }

  /** A backend at port 1, where nobody listens, but for the keys that are given. */
  public static BackendConnection of(Map<String, String> keys) {
    var all =
        new HashMap<>(
            Map.of(
                "redis-address", "redis://127.0.0.1:1",
                "redis-password", "",
                "object-endpoint", "http://127.0.0.1:1",
                "object-access-key", "nobody",
                "object-secret-key", "nothing"));
    all.putAll(keys);
    return BackendConnection.from("backend", all);
  }
}
