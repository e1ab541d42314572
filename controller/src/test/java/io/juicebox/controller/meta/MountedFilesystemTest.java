package io.juicebox.controller.meta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.juicebox.controller.TestingBackend;
import io.juicebox.controller.TestingMount;
import io.juicebox.controller.format.Formatter;
import io.juicebox.controller.object.ObjectStore;
import io.juicebox.controller.object.S3ObjectStore;
import io.juicebox.controller.redis.RedisConnection;
import io.juicebox.csi.juicefs.Juicefs;
import io.juicebox.csi.status.DriverException.BackendUnavailable;
import io.juicebox.csi.volume.BackendConnection;
import io.juicebox.csi.volume.Capacity;
import io.juicebox.csi.volume.Compression;
import io.juicebox.csi.volume.FormatParameters;
import io.juicebox.csi.volume.Lineage;
import io.juicebox.csi.volume.Member;
import io.juicebox.csi.volume.Number;
import io.juicebox.csi.volume.RootDirectory;
import io.juicebox.csi.volume.VolumeId;
import io.juicebox.test.server.TestDirectory;
import io.juicebox.test.server.TestingMinio;
import io.juicebox.test.server.TestingRedis;
import io.juicebox.test.server.Tools;
import io.lettuce.core.resource.ClientResources;
import io.minio.ListObjectsArgs;
import io.minio.MinioClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What the controller wrote, as a real mount of it shows it. */
@Tag("real")
class MountedFilesystemTest {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final Duration TIMEOUT = Duration.ofSeconds(8);
  private static final Number NUMBER = new Number(2);
  private static final VolumeId VOLUME = new VolumeId("default-abcdefghij0123456789");
  private static final Lineage LINEAGE = Lineage.startedBy(VOLUME);
  private static final String BUCKET = "juicebox";
  private static final Capacity GIB = new Capacity(1L << 30);

  private static ClientResources threads;
  private static TestingRedis redis;
  private static TestingMinio minio;
  private static TestDirectory directory;
  private static MinioClient client;

  @BeforeAll
  static void start() {
    threads = RedisConnection.resources();
    redis = TestingRedis.start(16);
    minio = TestingMinio.start();
    directory = TestDirectory.create("mounted");
    client =
        MinioClient.builder()
            .endpoint(minio.endpoint())
            .credentials(minio.accessKey(), minio.secretKey())
            .build();
  }

  @AfterAll
  static void stop() throws Exception {
    client.close();
    directory.close();
    minio.close();
    redis.close();
    threads.shutdown(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }

  /** One test, because a mount is not for free: a volume's life as the controller sees it. */
  @Test
  void aVolumeFromItsFormatToItsEnd() throws Exception {
    BackendConnection backend = TestingBackend.of(redis, minio);
    try (var connection = new RedisConnection(threads, backend, TIMEOUT);
        var store = new S3ObjectStore(backend, TIMEOUT)) {
      var metadata = new Metadata(connection);
      create(backend, metadata, store);
      TestingMount mount = TestingMount.start(redis, minio, NUMBER, directory.path());
      Path root = mount.root();

      theRootIsWhatWasAskedFor(root);
      theSessionTellsItsClient(metadata, mount);
      blocksLieUnderTheMember(root);
      usageIsCounted(metadata);
      aResizeReachesTheMount(metadata, root);

      mount.end();
      assertThat(metadata.liveSessions(NUMBER)).isEmpty();
      assertThat(metadata.drop(NUMBER, uuidOf(metadata), TIMEOUT)).isTrue();
      assertThat(store.deleteBatch(BUCKET, LINEAGE.prefix(), 1_000)).isEqualTo(4);
      assertThat(metadata.isEmpty(NUMBER)).isTrue();
      assertThat(objects()).isEmpty();
    }
  }

  private static void create(BackendConnection backend, Metadata metadata, ObjectStore store) {
    await()
        .ignoreExceptionsInstanceOf(BackendUnavailable.class)
        .until(() -> store.find(BUCKET), ObjectStore.Bucket.ABSENT::equals);
    store.ensureBucket(BUCKET);
    store.putOwner(BUCKET, LINEAGE, VOLUME);
    var filesystem =
        new Formatter(new Juicefs(Tools.program("juicefs")), TIMEOUT)
            .format(
                backend,
                LINEAGE,
                BUCKET,
                GIB,
                new FormatParameters(Compression.NONE, 4 << 20, 0, 10_000));
    metadata.make(NUMBER, filesystem, Member.FIRST, new RootDirectory(1000, 4_000_000_000L, 02750));
  }

  private static void theRootIsWhatWasAskedFor(Path root) throws IOException {
    assertThat(Files.readAttributes(root, "unix:ino,uid,gid,mode"))
        .isEqualTo(Map.of("ino", 1L, "uid", 1000, "gid", (int) 4_000_000_000L, "mode", 0042750));
    assertThat(Files.getFileStore(root).getTotalSpace()).isEqualTo(GIB.bytes());
  }

  private static void theSessionTellsItsClient(Metadata metadata, TestingMount mount) {
    assertThat(metadata.liveSessions(NUMBER))
        .singleElement()
        .satisfies(session -> {
          assertThat(session.process()).isEqualTo(mount.program().pid());
          assertThat(session.mountPoint()).isEqualTo(mount.root().toString());
          assertThat(session.host()).isNotEmpty();
        });
  }

  private static void blocksLieUnderTheMember(Path root) throws Exception {
    Files.write(root.resolve("file"), new byte[(8 << 20) + 1]);
    String slices = LINEAGE.prefix() + "chunks/1000000/1000000000/1000000000";
    assertThat(objects())
        .filteredOn(key -> !key.equals(LINEAGE.ownerKey()))
        .hasSize(3)
        .allMatch(key -> key.startsWith(slices));
  }

  private static void usageIsCounted(Metadata metadata) {
    await()
        .atMost(SOON)
        .until(() -> metadata.usage(NUMBER), new Usage((8 << 20) + 4096, 1)::equals);
  }

  private static void aResizeReachesTheMount(Metadata metadata, Path root) {
    long grown = GIB.bytes() + 4096;
    metadata.resize(NUMBER, uuidOf(metadata), new Capacity(grown));
    await().atMost(SOON).until(() -> Files.getFileStore(root).getTotalSpace() == grown);
  }

  private static UUID uuidOf(Metadata metadata) {
    return metadata.setting(NUMBER).orElseThrow().uuid();
  }

  private static List<String> objects() throws Exception {
    var keys = new ArrayList<String>();
    for (var item :
        client.listObjects(ListObjectsArgs.builder().bucket(BUCKET).recursive(true).build())) {
      keys.add(item.get().objectName());
    }
    return keys;
  }
}
