package io.juicebox.controller.fork;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.juicebox.controller.TestingBackend;
import io.juicebox.controller.TestingMount;
import io.juicebox.controller.fork.Entry.Value;
import io.juicebox.controller.format.Formatter;
import io.juicebox.controller.meta.Metadata;
import io.juicebox.controller.object.S3ObjectStore;
import io.juicebox.controller.redis.RedisConnection;
import io.juicebox.csi.juicefs.Juicefs;
import io.juicebox.csi.status.Printable;
import io.juicebox.csi.volume.BackendConnection;
import io.juicebox.csi.volume.Capacity;
import io.juicebox.csi.volume.Compression;
import io.juicebox.csi.volume.FormatParameters;
import io.juicebox.csi.volume.Lineage;
import io.juicebox.csi.volume.Member;
import io.juicebox.csi.volume.Number;
import io.juicebox.csi.volume.RootDirectory;
import io.juicebox.test.server.Command;
import io.juicebox.test.server.TestDirectory;
import io.juicebox.test.server.TestingMinio;
import io.juicebox.test.server.TestingRedis;
import io.juicebox.test.server.Tools;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * All keys of a small filesystem that the real juicefs (1.4.2) made and had mounted, in a resource,
 * as a stream: what a copy leaves out, changes and names is tested on them.
 *
 * <p>The one test here is none, and no stage runs it. It makes the resource anew and prints what
 * the tests have to expect of it:
 *
 * <pre>
 *   mvn -q -B -pl controller -am -Dtest=RecordedKeys -Dsurefire.failIfNoSpecifiedTests=false package
 * </pre>
 */
class RecordedKeys {
  private static final String RESOURCE = "recorded.stream";
  private static final Path SOURCES = Path.of("src/test/resources/io/juicebox/controller/fork");

  private static final Duration TIMEOUT = Duration.ofSeconds(8);
  private static final Number NUMBER = new Number(2);
  private static final Lineage LINEAGE = new Lineage("default-abcdefghij0123456789");
  private static final String BUCKET = "juicebox";
  private static final ObjectMapper JSON = new ObjectMapper();

  static Path stream() {
    try {
      return Path.of(Objects.requireNonNull(RecordedKeys.class.getResource(RESOURCE)).toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  static List<Entry> entries() throws IOException {
    var entries = new ArrayList<Entry>();
    StreamReader.verified(stream()).forEach(entries::add);
    return entries;
  }

  @Test
  void recordAnew() throws Exception {
    var threads = RedisConnection.resources();
    try (var redis = TestingRedis.start(16);
        var minio = TestingMinio.start();
        var directory = TestDirectory.create("recorded")) {
      BackendConnection backend = TestingBackend.of(redis, minio);
      try (var connection = new RedisConnection(threads, backend, TIMEOUT);
          var within = RedisConnection.within(NUMBER, threads, backend, TIMEOUT);
          var objects = new S3ObjectStore(backend, TIMEOUT)) {
        objects.ensureBucket(BUCKET);
        UUID filesystem = format(backend, connection);
        TestingMount mount = TestingMount.start(redis, minio, NUMBER, directory.path());
        makeFiles(mount.root());
        useThem(mount.root(), redis, () -> write(read(within, filesystem)));
        mount.end();
        print(redis, objects);
      }
    }
    threads.shutdown(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }

  /** With a trash of one day. */
  private static UUID format(BackendConnection backend, RedisConnection connection) {
    var filesystem =
        new Formatter(new Juicefs(Tools.program("juicefs")), TIMEOUT)
            .format(
                backend,
                LINEAGE,
                BUCKET,
                new Capacity(1L << 30),
                new FormatParameters(Compression.NONE, 4 << 20, 1, 10_000));
    return new Metadata(connection)
        .make(NUMBER, filesystem, Member.FIRST, new RootDirectory(0, 0, 0777))
        .uuid();
  }

  private static void makeFiles(Path root) throws IOException {
    write(root.resolve("file"), 0, 5_000);
    Files.createLink(root.resolve("linked"), root.resolve("file"));
    Files.createSymbolicLink(root.resolve("symbolic"), Path.of("file"));
    Files.setAttribute(
        root.resolve("file"),
        "user:colour",
        ByteBuffer.wrap("blue".getBytes(StandardCharsets.UTF_8)));
    for (long megabytes : new long[] {0, 5, 99}) {
      write(root.resolve("sparse"), megabytes << 20, 3);
    }
    for (int i = 0; i < 4; i++) {
      write(root.resolve("compacted"), i * 100L, 200);
    }
    juicefs("compact", root.resolve("compacted"));
    Path tree = Files.createDirectory(root.resolve("tree"));
    write(tree.resolve("shared"), 0, 100);
    write(tree.resolve("shared-no-more"), 0, 200);
    juicefs("clone", tree, root.resolve("clone"));
    write(root.resolve("gone"), 0, 300);
    write(root.resolve("nameless"), 0, 6_000);
    write(root.resolve("in-the-trash"), 0, 400);
  }

  /** What happens while they are in use: a file is open and nameless, another one locked twice. */
  private static void useThem(Path root, TestingRedis redis, Runnable then) throws IOException {
    Path file = root.resolve("file");
    try (var open = FileChannel.open(root.resolve("nameless"), StandardOpenOption.READ);
        var fcntl = FileChannel.open(file, StandardOpenOption.WRITE);
        var flock = Command.start(List.of("flock", file.toString(), "sleep", "1000"))) {
      assertThat(fcntl.tryLock()).isNotNull();
      for (String name : new String[] {"gone", "nameless", "clone/shared-no-more"}) {
        Files.delete(root.resolve(name));
      }
      Command.run(TIMEOUT, List.of("bash", "-ec", "rm -r '" + root + "'/.trash/*/*"));
      Files.delete(root.resolve("in-the-trash"));
      await()
          .until(() ->
              redis
                  .cli(NUMBER.value(), "HVALS", "sliceRef")
                  .lines()
                  .toList()
                  .containsAll(List.of("1", "0", "-1")));
      await()
          .until(() ->
              redis.cli(NUMBER.value(), "EXISTS", "lockf2", "lastCleanupSessions").equals("2"));
      assertThat(flock.isRunning()).isTrue();
      assertThat(open.size()).isEqualTo(6_000);
      then.run();
    }
  }

  /** Makes a slice. */
  private static void write(Path file, long position, int length) throws IOException {
    try (var channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.allocate(length), position);
      channel.force(true);
    }
  }

  private static void juicefs(String command, Path... paths) {
    var words =
        new ArrayList<>(List.of(Tools.program("juicefs").toString(), "--no-agent", command));
    for (Path path : paths) {
      words.add(path.toString());
    }
    Command.run(TIMEOUT, words);
  }

  private static List<Entry> read(RedisConnection within, UUID filesystem) {
    var entries = new ArrayList<Entry>();
    var cost = new StepCost(Duration.ofSeconds(1), 1_000_000);
    var _ = new MetadataReader(within, cost).read(filesystem, entries::add);
    entries.sort(Comparator.comparing(Entry::key));
    return entries;
  }

  private static void write(List<Entry> entries) {
    try (var stream = new StreamWriter(SOURCES.resolve(RESOURCE))) {
      for (Entry entry : entries) {
        Entry kept = withoutSecrets(entry);
        stream.accept(kept);
        System.out.println(Printable.line(kept.toString()));
      }
      stream.finish();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** Nor what tells of the machine. */
  private static Entry withoutSecrets(Entry entry) throws IOException {
    return switch (entry) {
      case Value(var key, var type, var parts) when key.equals("setting") -> {
        var setting = (ObjectNode) JSON.readTree(parts.getFirst());
        setting.remove(List.of("AccessKey", "SecretKey", "SessionToken", "Bucket"));
        yield new Value(key, type, List.of(setting.toString()));
      }
      case Value(var key, var type, var parts) when key.equals("sessionInfos") ->
          new Value(key, type, List.of(parts.getFirst(), "{}"));
      case Entry other -> other;
    };
  }

  /** What juicefs itself counts once the nameless file is closed, and which blocks there are. */
  private static void print(TestingRedis redis, S3ObjectStore objects) {
    for (String counter : new String[] {"usedSpace", "totalInodes"}) {
      System.out.println(counter + " " + redis.cli(NUMBER.value(), "GET", counter));
    }
    objects
        .page(BUCKET, LINEAGE.prefix() + "chunks/", Optional.empty(), 1_000)
        .forEach(block -> System.out.println(block.key()));
  }
}
