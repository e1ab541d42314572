package io.juicebox.controller.volume;

import static org.assertj.core.api.Assertions.assertThat;

import io.juicebox.test.server.TestingRedis;
import io.minio.ListObjectsArgs;
import io.minio.MinioClient;
import io.minio.errors.ErrorResponseException;
import io.minio.messages.Bucket;

/** What a backend holds, seen past the controller. */
final class Leftovers {
  private Leftovers() {}

  /** Nothing of any volume or snapshot is there. */
  static void assertNone(TestingRedis redis, MinioClient s3) {
    assertThat(redis.cli(1, "KEYS", "*").lines())
        .isSubsetOf("fence", "next", "capacity", "rest", "free");
    assertThat(redis.cli(1, "GET", "capacity")).isIn("0", "");
    assertThat(redis.cli(0, "INFO", "keyspace").lines().filter(line -> line.startsWith("db")))
        .allSatisfy(line -> assertThat(line).startsWith("db1:"));
    assertThat(objects(s3, "juicebox", "")).isZero();
    try {
      assertThat(s3.listBuckets()).extracting(Bucket::name).isSubsetOf("juicebox");
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /** How many objects begin so. */
  static int objects(MinioClient s3, String bucket, String prefix) {
    var count = 0;
    var all = ListObjectsArgs.builder().bucket(bucket).prefix(prefix).recursive(true).build();
    try {
      for (var object : s3.listObjects(all)) {
        object.get();
        count++;
      }
      return count;
    } catch (ErrorResponseException e) {
      assertThat(e.errorResponse().code()).isEqualTo("NoSuchBucket");
      return 0;
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }
}
