package io.juicebox.controller.volume;

import static org.assertj.core.api.Assertions.assertThat;

import io.juicebox.controller.registry.VolumeRecord;
import io.juicebox.test.server.TestingMinio;
import io.juicebox.test.server.TestingRedis;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;

/**
 * A controller whose volumes have credentials of their own, and its servers; for one class at a
 * time.
 */
abstract class CredentialsScene {
  static final Map<String, String> PER_VOLUME = Map.of("credentials", "perVolume");

  static TestingRedis redis;
  static TestingMinio minio;
  static TestingController controller;

  @BeforeAll
  static void start() {
    redis = TestingRedis.start(500);
    minio = TestingMinio.start();
    controller = new TestingController(redis, minio);
  }

  /** Deletes all volumes; nothing of them may be left. */
  @AfterEach
  void empty() throws Exception {
    controller.heal();
    for (VolumeRecord volume : controller.volumes.list("", 0).volumes()) {
      controller.delete(volume);
    }
    controller.sweeper.sweep();
    assertThat(controller.credentials()).isEmptyDirectory();
    assertThat(redis.cli(0, "ACL", "USERS")).isEqualTo("default");
    assertThat(minio.accounts()).containsExactlyInAnyOrderElementsOf(waiting());
    assertThat(redis.cli(1, "EXISTS", "rotations")).isEqualTo("0");
  }

  @AfterAll
  static void stop() {
    controller.close();
    minio.close();
    redis.close();
  }

  /** The ids of accounts that were made in advance. */
  static List<String> waiting() {
    return redis.cli(1, "ZRANGE", "blanks", "0", "-1").lines().toList();
  }
}
