package io.juicebox.test.isolation;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.minio.BucketExistsArgs;
import io.minio.CopyObjectArgs;
import io.minio.CopySource;
import io.minio.DeleteBucketPolicyArgs;
import io.minio.GetBucketPolicyArgs;
import io.minio.GetBucketVersioningArgs;
import io.minio.GetObjectArgs;
import io.minio.GetObjectTagsArgs;
import io.minio.ListBucketsArgs;
import io.minio.ListObjectsArgs;
import io.minio.MakeBucketArgs;
import io.minio.MinioClient;
import io.minio.PutObjectArgs;
import io.minio.RemoveBucketArgs;
import io.minio.RemoveObjectArgs;
import io.minio.RemoveObjectsArgs;
import io.minio.Result;
import io.minio.SetBucketPolicyArgs;
import io.minio.StatObjectArgs;
import io.minio.admin.MinioAdminClient;
import io.minio.admin.UserInfo;
import io.minio.errors.ErrorResponseException;
import io.minio.messages.Bucket;
import io.minio.messages.DeleteObject;
import io.minio.messages.Item;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Everything that an object store offers, as whoever has stolen the keys of one volume. */
@Tag("isolation")
@DisplayName("isolation: the object store")
final class ObjectIsolationTest {
  private static final String BUCKET = "juicebox";

  /** Larger than what one request carries, so that the client makes parts. */
  private static final int PARTS = 6 << 20;

  private static TwoVolumes volumes;
  private static MinioClient stolen;
  private static MinioAdminClient admin;
  private static List<String> ownBlocks;
  private static List<String> othersBlocks;

  @BeforeAll
  static void start() {
    volumes = TwoVolumes.create();
    stolen = volumes.objectsOfFirst();
    var keys = volumes.firstKeys();
    admin =
        MinioAdminClient.builder()
            .endpoint(volumes.stack().backend().minio().endpoint())
            .region("us-east-1")
            .credentials(
                String.valueOf(keys.get("object-access-key")),
                String.valueOf(keys.get("object-secret-key")))
            .build();
    ownBlocks = blocks(volumes.firstPrefix());
    othersBlocks = blocks(volumes.secondPrefix());
  }

  @AfterAll
  static void stop() {
    volumes.close();
  }

  @Test
  void itsOwnBlocksCanBeReadAndWritten() throws Exception {
    assertThat(ownBlocks).isNotEmpty();
    try (var block = read(ownBlocks.getFirst())) {
      assertThat(block.readAllBytes()).isNotEmpty();
    }
    write(volumes.firstPrefix() + "chunks/1999999/1999999999/1999999999999_0_4", 4);
  }

  @TestFactory
  Stream<DynamicTest> allElseIsRefused() {
    return Stream.of(reads(), writes(), deletions(), ofBuckets(), ofAdministrators())
        .flatMap(List::stream)
        .map(attempt ->
            dynamicTest(
                attempt.what(),
                () ->
                    assertThatThrownBy(attempt.call())
                        .hasMessageMatching("(?s).*(Access ?Denied|not allowed|denied).*")));
  }

  /** One try. */
  private record Attempt(String what, ThrowingCallable call) {}

  private static List<Attempt> reads() {
    var attempts = new ArrayList<Attempt>();
    for (String key :
        List.of(othersBlocks.getFirst(), volumes.secondPrefix() + "owner", "elsewhere", "owner")) {
      attempts.add(new Attempt("get " + key, () -> read(key)));
      attempts.add(
          new Attempt(
              "copy " + key,
              () ->
                  stolen.copyObject(
                      CopyObjectArgs.builder()
                          .bucket(BUCKET)
                          .object(ownBlocks.getFirst())
                          .source(CopySource.builder().bucket(BUCKET).object(key).build())
                          .build())));
    }
    for (String prefix : List.of("", volumes.firstPrefix(), volumes.secondPrefix())) {
      attempts.add(new Attempt("list " + prefix, () -> list(prefix)));
    }
    attempts.add(
        new Attempt(
            "tags of the own owner object",
            () ->
                stolen.getObjectTags(
                    GetObjectTagsArgs.builder()
                        .bucket(BUCKET)
                        .object(volumes.firstPrefix() + "owner")
                        .build())));
    attempts.add(
        new Attempt(
            "stat of another's owner object, which tells a HEAD's refusal alone",
            () -> {
              try {
                stolen.statObject(
                    StatObjectArgs.builder()
                        .bucket(BUCKET)
                        .object(volumes.secondPrefix() + "owner")
                        .build());
              } catch (ErrorResponseException e) {
                throw new IllegalStateException("denied: " + e.response().code(), e);
              }
            }));
    return attempts;
  }

  private static List<Attempt> writes() {
    var attempts = new ArrayList<Attempt>();
    String own = volumes.firstPrefix();
    for (String key :
        List.of(
            own + "owner",
            own + "chunks/2000000/2000000000/2000000000001_0_4",
            own + "chunks/10000000/10000000000/10000000000001_0_4",
            own + "chunks/0/0/1_0_4",
            own + "other",
            volumes.secondPrefix() + "owner",
            volumes.secondPrefix() + "chunks/1000000/1000000000/1000000000009_0_4",
            othersBlocks.getFirst(),
            "chunks/1000000/x",
            "new")) {
      attempts.add(new Attempt("put " + key, () -> write(key, 4)));
    }
    for (String key : List.of(own + "owner", othersBlocks.getFirst(), "new")) {
      attempts.add(new Attempt("put in parts " + key, () -> write(key, PARTS)));
    }
    return attempts;
  }

  private static List<Attempt> deletions() {
    var attempts = new ArrayList<Attempt>();
    for (String key :
        List.of(
            ownBlocks.getFirst(),
            volumes.firstPrefix() + "owner",
            othersBlocks.getFirst(),
            volumes.secondPrefix() + "owner")) {
      attempts.add(
          new Attempt(
              "delete " + key,
              () ->
                  stolen.removeObject(
                      RemoveObjectArgs.builder().bucket(BUCKET).object(key).build())));
      attempts.add(new Attempt("delete among others " + key, () -> deleteAmongOthers(key)));
    }
    return attempts;
  }

  private static List<Attempt> ofBuckets() {
    var policy = "{\"Version\":\"2012-10-17\",\"Statement\":[]}";
    return List.of(
        new Attempt(
            "buckets", () -> requireSome(stolen.listBuckets(ListBucketsArgs.builder().build()))),
        new Attempt(
            "make a bucket",
            () -> stolen.makeBucket(MakeBucketArgs.builder().bucket("new").build())),
        new Attempt(
            "make a bucket of the other's name",
            () ->
                stolen.makeBucket(
                    MakeBucketArgs.builder()
                        .bucket(volumes.secondPrefix().replace("/", ""))
                        .build())),
        new Attempt(
            "remove the bucket",
            () -> stolen.removeBucket(RemoveBucketArgs.builder().bucket(BUCKET).build())),
        new Attempt(
            "is there the bucket, which tells a HEAD's refusal alone",
            () -> {
              if (!stolen.bucketExists(BucketExistsArgs.builder().bucket(BUCKET).build())) {
                throw new IllegalStateException("denied");
              }
            }),
        new Attempt(
            "read the bucket's policy",
            () -> stolen.getBucketPolicy(GetBucketPolicyArgs.builder().bucket(BUCKET).build())),
        new Attempt(
            "set the bucket's policy",
            () ->
                stolen.setBucketPolicy(
                    SetBucketPolicyArgs.builder().bucket(BUCKET).config(policy).build())),
        new Attempt(
            "delete the bucket's policy",
            () ->
                stolen.deleteBucketPolicy(DeleteBucketPolicyArgs.builder().bucket(BUCKET).build())),
        new Attempt(
            "the bucket's versions",
            () ->
                stolen.getBucketVersioning(
                    GetBucketVersioningArgs.builder().bucket(BUCKET).build())));
  }

  private static List<Attempt> ofAdministrators() {
    String own = volumes.firstPrefix().replace("/", "");
    String other = volumes.secondPrefix().replace("/", "");
    return List.of(
        new Attempt("users", admin::listUsers),
        new Attempt("policies", admin::listCannedPolicies),
        new Attempt("server", admin::getServerInfo),
        new Attempt("usage", admin::getDataUsageInfo),
        new Attempt("groups", admin::listGroups),
        new Attempt("another user", () -> admin.getUserInfo(other)),
        new Attempt("delete another user", () -> admin.deleteUser(other)),
        new Attempt("delete itself", () -> admin.deleteUser(own)),
        new Attempt(
            "make a user",
            () ->
                admin.addUser("new-user", UserInfo.Status.ENABLED, "new-secret", null, List.of())),
        new Attempt(
            "change its secret",
            () -> admin.addUser(own, UserInfo.Status.ENABLED, "new-secret", null, List.of())),
        new Attempt("change its policy", () -> admin.setPolicy(own, false, "readwrite")),
        new Attempt("write its policy", () -> admin.addCannedPolicy(own, "{}")),
        new Attempt("delete another's policy", () -> admin.removeCannedPolicy(other)),
        new Attempt("service accounts of another", () -> admin.listServiceAccount(other)),
        new Attempt(
            "make a service account",
            () ->
                admin.addServiceAccount(
                    "new-account", "new-secret", null, Map.of(), null, null, null)),
        new Attempt(
            "make a service account of another",
            () ->
                admin.addServiceAccount(
                    "new-account", "new-secret", other, Map.of(), null, null, null)),
        new Attempt("a bucket's quota", () -> admin.getBucketQuota(BUCKET)));
  }

  /** A list is filtered by what one may see, and not refused; the client has no empty one. */
  private static void requireSome(Iterable<Result<Bucket>> found) throws Exception {
    try {
      var _ = found.iterator().next().get();
    } catch (NoSuchElementException e) {
      throw new IllegalStateException("denied: the list is empty", e);
    }
  }

  private static InputStream read(String key) throws Exception {
    return stolen.getObject(GetObjectArgs.builder().bucket(BUCKET).object(key).build());
  }

  private static void write(String key, int bytes) throws Exception {
    byte[] content = "x".repeat(bytes).getBytes(UTF_8);
    stolen.putObject(
        PutObjectArgs.builder().bucket(BUCKET).object(key).stream(
                new ByteArrayInputStream(content), -1, 5 << 20)
            .build());
  }

  private static void list(String prefix) throws Exception {
    var args = ListObjectsArgs.builder().bucket(BUCKET).prefix(prefix).recursive(true).build();
    for (Result<Item> item : stolen.listObjects(args)) {
      var _ = item.get();
    }
  }

  private static void deleteAmongOthers(String key) throws Exception {
    var args =
        RemoveObjectsArgs.builder().bucket(BUCKET).objects(List.of(new DeleteObject(key))).build();
    for (var error : stolen.removeObjects(args)) {
      throw new IllegalStateException(error.get().message());
    }
  }

  private static List<String> blocks(String prefix) {
    var found = new ArrayList<String>();
    var args =
        ListObjectsArgs.builder().bucket(BUCKET).prefix(prefix + "chunks/").recursive(true).build();
    var all = volumes.stack().objects(volumes.stack().backend());
    for (Result<Item> item : all.listObjects(args)) {
      try {
        found.add(item.get().objectName());
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
    return found;
  }
}
