package io.juicebox.controller.object;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.juicebox.controller.TestingBackend;
import io.juicebox.controller.object.ObjectStore.Bucket;
import io.juicebox.controller.object.ObjectStore.Stored;
import io.juicebox.csi.status.DriverException.BackendUnavailable;
import io.juicebox.csi.status.DriverException.PreconditionFailed;
import io.juicebox.csi.status.DriverException.Unauthenticated;
import io.juicebox.csi.volume.BackendConnection;
import io.juicebox.csi.volume.Lineage;
import io.juicebox.csi.volume.VolumeId;
import io.juicebox.test.server.Signals;
import io.juicebox.test.server.TestingMinio;
import io.minio.GetObjectArgs;
import io.minio.ListObjectsArgs;
import io.minio.MinioClient;
import io.minio.PutObjectArgs;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a real MinIO. */
@Tag("real")
class S3ObjectStoreTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(8);
  private static final Lineage LINEAGE = new Lineage("default-abcdefghij0123456789");
  private static final Lineage NEIGHBOUR = new Lineage("default-abcdefghij01234567890");
  private static final VolumeId VOLUME = new VolumeId(LINEAGE.value());
  private static final AtomicInteger NEXT = new AtomicInteger();

  private static TestingMinio minio;
  private static S3ObjectStore store;
  private static MinioClient client;

  @BeforeAll
  static void start() {
    minio = TestingMinio.start();
    store = new S3ObjectStore(TestingBackend.of(minio), TIMEOUT);
    awaitInitialized(store);
    client =
        MinioClient.builder()
            .endpoint(minio.endpoint())
            .credentials(minio.accessKey(), minio.secretKey())
            .build();
  }

  @AfterAll
  static void stop() throws Exception {
    store.close();
    client.close();
    minio.close();
  }

  @Test
  void aBucketIsMadeOnceAndRemovedOnce() {
    String bucket = bucketName();
    assertThat(store.find(bucket)).isEqualTo(Bucket.ABSENT);
    store.ensureBucket(bucket);
    store.ensureBucket(bucket);
    assertThat(store.find(bucket)).isEqualTo(Bucket.PRESENT);
    store.removeBucket(bucket);
    store.removeBucket(bucket);
    assertThat(store.find(bucket)).isEqualTo(Bucket.ABSENT);
  }

  @Test
  void bucketsMadeAtOnceAreAllThere() throws Exception {
    String bucket = bucketName();
    try (var calls = Executors.newVirtualThreadPerTaskExecutor()) {
      var all = new ArrayList<Future<?>>();
      for (int i = 0; i < 8; i++) {
        all.add(calls.submit(() -> store.ensureBucket(bucket)));
      }
      for (var call : all) {
        call.get();
      }
    }
    assertThat(store.find(bucket)).isEqualTo(Bucket.PRESENT);
  }

  @Test
  void aFileIsAnObjectAndAFileAgain(@TempDir Path directory) throws IOException {
    String bucket = bucket();
    Path file = directory.resolve("file");
    Path copy = directory.resolve("copy");
    for (int bytes : new int[] {1, (5 << 20) - 1, 5 << 20, (11 << 20) + 7}) {
      var content = new byte[bytes];
      new Random(bytes).nextBytes(content);
      Files.write(file, content);
      store.put(bucket, "snapshots/a", file);
      assertThat(store.get(bucket, "snapshots/a", copy)).isTrue();
      assertThat(Files.mismatch(file, copy)).as("%d bytes", bytes).isEqualTo(-1);
    }
  }

  @Test
  void anObjectThatIsNotThereIsNoFailureAndABucketIsOne(@TempDir Path directory) {
    Path file = directory.resolve("file");
    assertThat(store.get(bucket(), "snapshots/none", file)).isFalse();
    assertThatThrownBy(() -> store.get(bucketName(), "snapshots/none", file))
        .isInstanceOf(PreconditionFailed.class);
  }

  @Test
  void theOwnerNamesTheVolume() throws Exception {
    String bucket = bucket();
    store.putOwner(bucket, LINEAGE, VOLUME);
    store.putOwner(bucket, LINEAGE, VOLUME);
    var owner = GetObjectArgs.builder().bucket(bucket).object(LINEAGE.value() + "/owner").build();
    try (var content = client.getObject(owner)) {
      assertThat(new String(content.readAllBytes(), UTF_8)).isEqualTo(VOLUME.value());
    }
    store.removeOwner(bucket, LINEAGE);
    store.removeOwner(bucket, LINEAGE);
    assertThat(keys(bucket)).isEmpty();
    store.removeOwner("no-such-bucket", LINEAGE);
  }

  @Test
  void aMissingBucketIsNamed() {
    assertThatThrownBy(() -> store.putOwner("no-such-bucket", LINEAGE, VOLUME))
        .isInstanceOf(PreconditionFailed.class)
        .hasMessageContaining("NoSuchBucket");
    assertThatThrownBy(() -> store.deleteBatch("no-such-bucket", LINEAGE.prefix(), 1_000))
        .isInstanceOf(PreconditionFailed.class)
        .hasMessageContaining("NoSuchBucket");
  }

  @Test
  void aLineageIsDeletedInBatchesAndItsNeighboursAreNot() throws Exception {
    String bucket = bucket();
    var keys = new ArrayList<String>();
    for (int i = 0; i < 1_100; i++) {
      keys.add(LINEAGE.prefix() + "chunks/1000000/1000000000/" + i + "_0_4096");
    }
    keys.add(LINEAGE.prefix() + "odd names +%20&é<>");
    var others = List.of(LINEAGE.value() + "-x", NEIGHBOUR.prefix() + "chunks/0/0/1_0_1");
    put(bucket, keys);
    put(bucket, others);

    assertThat(store.deleteBatch(bucket, LINEAGE.prefix(), 1_000)).isEqualTo(1_000);
    assertThat(store.deleteBatch(bucket, LINEAGE.prefix(), 1_000)).isEqualTo(101);
    assertThat(store.deleteBatch(bucket, LINEAGE.prefix(), 1_000)).isEqualTo(0);
    assertThat(keys(bucket)).containsExactlyInAnyOrderElementsOf(others);
  }

  @Test
  void namedObjectsAreDeletedAndOthersAreNot() throws Exception {
    String bucket = bucket();
    put(bucket, List.of("a/1", "a/2", "a/3"));
    store.deleteKeys(bucket, List.of("a/1", "a/3", "a/none"));
    store.deleteKeys(bucket, List.of("a/1"));
    assertThat(keys(bucket)).containsExactly("a/2");
    assertThatThrownBy(() -> store.deleteKeys("no-such-bucket", List.of("a/1")))
        .isInstanceOf(PreconditionFailed.class);
  }

  @Test
  void objectsAreListedInPagesByKey() throws Exception {
    String bucket = bucket();
    put(bucket, List.of("a/1", "a/2", "a/b/3", "b/4"));
    var first = store.page(bucket, "a/", Optional.empty(), 2);
    assertThat(first).extracting(Stored::key).containsExactly("a/1", "a/2");
    assertThat(first.getFirst().written())
        .isBetween(Instant.now().minusSeconds(60), Instant.now().plusSeconds(60));
    assertThat(store.page(bucket, "a/", Optional.of("a/2"), 2))
        .extracting(Stored::key)
        .containsExactly("a/b/3");
    assertThat(store.page(bucket, "a/", Optional.of("a/b/3"), 2)).isEmpty();
    assertThatThrownBy(() -> store.page("no-such-bucket", "a/", Optional.empty(), 2))
        .isInstanceOf(PreconditionFailed.class);
  }

  @Test
  void aBucketWithForeignObjectsStays() throws Exception {
    String bucket = bucket();
    put(bucket, List.of("foreign"));
    assertThatThrownBy(() -> store.removeBucket(bucket))
        .isInstanceOf(PreconditionFailed.class)
        .hasMessageContaining(bucket);
    assertThat(keys(bucket)).containsExactly("foreign");
  }

  @Test
  void wrongKeysAreUnauthenticated() throws IOException {
    var unknown = Map.of("object-endpoint", minio.endpoint());
    var wrong =
        Map.of(
            "object-endpoint",
            minio.endpoint(),
            "object-access-key",
            minio.accessKey(),
            "object-secret-key",
            "wrong");
    for (var keys : List.of(unknown, wrong)) {
      try (var other = new S3ObjectStore(TestingBackend.of(keys), TIMEOUT)) {
        assertThatThrownBy(() -> other.ensureBucket("juicebox"))
            .isInstanceOf(Unauthenticated.class);
        assertThatThrownBy(() -> other.deleteBatch("juicebox", LINEAGE.prefix(), 1))
            .isInstanceOf(Unauthenticated.class);
      }
    }
  }

  @Test
  void aRefusedConnectionFailsAtOnce() {
    long start = System.nanoTime();
    try (var nobody = new S3ObjectStore(TestingBackend.of(Map.of()), TIMEOUT)) {
      assertThatThrownBy(() -> nobody.find("juicebox"))
          .isInstanceOf(BackendUnavailable.class)
          .hasMessageContaining("the object store at 127.0.0.1:1 is unavailable");
    }
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(6));
  }

  @Test
  void aServerThatIsNoObjectStoreIsUnavailable() throws Exception {
    var page = "<html>hello</html>".getBytes(UTF_8);
    var web = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    web.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(404, page.length);
          exchange.getResponseBody().write(page);
          exchange.close();
        });
    web.start();
    var keys = Map.of("object-endpoint", "http://127.0.0.1:" + web.getAddress().getPort());
    try (var other = new S3ObjectStore(TestingBackend.of(keys), TIMEOUT)) {
      assertThatThrownBy(() -> other.find("juicebox")).isInstanceOf(BackendUnavailable.class);
    } finally {
      web.stop(0);
    }
  }

  @Test
  void aSilentOrStoppedStoreIsUnavailableInTimeAndWorksAgainWhenItIsBack() throws Exception {
    Duration timeout = Duration.ofSeconds(4);
    try (var own = TestingMinio.start();
        var other = new S3ObjectStore(TestingBackend.of(own), timeout)) {
      awaitInitialized(other);
      other.ensureBucket("juicebox");
      Signals.stop(own.pid());
      long start = System.nanoTime();
      assertThatThrownBy(() -> other.ensureBucket("juicebox"))
          .isInstanceOf(BackendUnavailable.class)
          .hasMessageContaining("no answer in time");
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(timeout.multipliedBy(2));
      Signals.resume(own.pid());
      other.putOwner("juicebox", LINEAGE, VOLUME);
      own.kill();
      assertThatThrownBy(() -> other.find("juicebox")).isInstanceOf(BackendUnavailable.class);
      own.restart();
      awaitInitialized(other);
      assertThat(other.deleteBatch("juicebox", LINEAGE.prefix(), 10)).isEqualTo(1);
    }
  }

  @Test
  void aKeptConnectionThatBreaksCostsNoCall() throws Exception {
    try (var proxy = new BreakableProxy(minio.endpoint());
        var other = new S3ObjectStore(through(proxy), TIMEOUT)) {
      String bucket = bucket();
      other.putOwner(bucket, LINEAGE, VOLUME);
      List<Runnable> calls =
          List.of(
              () -> assertThat(other.find(bucket)).isEqualTo(Bucket.PRESENT),
              () -> other.ensureBucket(bucket),
              () -> other.putOwner(bucket, LINEAGE, VOLUME),
              () -> other.removeOwner(bucket, LINEAGE),
              () -> other.deleteBatch(bucket, LINEAGE.prefix(), 1_000),
              () -> other.removeBucket(bucket));
      for (Runnable call : calls) {
        proxy.breakNext(1);
        call.run();
      }
    }
  }

  @Test
  void aStoreThatEndsEveryConnectionIsUnavailable() throws Exception {
    try (var proxy = new BreakableProxy(minio.endpoint());
        var other = new S3ObjectStore(through(proxy), TIMEOUT)) {
      String bucket = bucket();
      proxy.breakNext(1_000);
      assertThatThrownBy(() -> other.putOwner(bucket, LINEAGE, VOLUME))
          .isInstanceOf(BackendUnavailable.class);
    }
  }

  private static BackendConnection through(BreakableProxy proxy) {
    return TestingBackend.of(
        Map.of(
            "object-endpoint", proxy.endpoint(),
            "object-access-key", minio.accessKey(),
            "object-secret-key", minio.secretKey()));
  }

  /** MinIO reports itself ready a moment before it knows its keys. */
  private static void awaitInitialized(ObjectStore store) {
    await()
        .ignoreExceptionsInstanceOf(BackendUnavailable.class)
        .until(() -> store.find("any-bucket"), Bucket.ABSENT::equals);
  }

  private static String bucketName() {
    return "bucket-" + NEXT.incrementAndGet();
  }

  private static String bucket() {
    String bucket = bucketName();
    store.ensureBucket(bucket);
    return bucket;
  }

  private static void put(String bucket, List<String> keys) throws Exception {
    try (var puts = Executors.newFixedThreadPool(8)) {
      var all = new ArrayList<Future<?>>();
      for (String key : keys) {
        all.add(
            puts.submit(() ->
                client.putObject(
                    PutObjectArgs.builder().bucket(bucket).object(key).stream(
                            new ByteArrayInputStream(new byte[1]), 1, -1)
                        .build())));
      }
      for (var one : all) {
        one.get();
      }
    }
  }

  private static List<String> keys(String bucket) throws Exception {
    var keys = new ArrayList<String>();
    for (var item :
        client.listObjects(ListObjectsArgs.builder().bucket(bucket).recursive(true).build())) {
      keys.add(item.get().objectName());
    }
    return keys;
  }
}
