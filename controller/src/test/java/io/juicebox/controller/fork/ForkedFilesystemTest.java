package io.juicebox.controller.fork;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.juicebox.controller.TestingBackend;
import io.juicebox.controller.TestingMount;
import io.juicebox.controller.format.Formatter;
import io.juicebox.controller.format.NewFilesystem;
import io.juicebox.controller.meta.Metadata;
import io.juicebox.controller.object.S3ObjectStore;
import io.juicebox.controller.redis.RedisConnection;
import io.juicebox.controller.registry.Claim;
import io.juicebox.controller.registry.Registry;
import io.juicebox.controller.registry.RegistrySettings;
import io.juicebox.csi.juicefs.Juicefs;
import io.juicebox.csi.status.DriverException.Failed;
import io.juicebox.csi.status.DriverException.OperationPending;
import io.juicebox.csi.status.DriverException.PreconditionFailed;
import io.juicebox.csi.volume.BackendConnection;
import io.juicebox.csi.volume.Capacity;
import io.juicebox.csi.volume.Compression;
import io.juicebox.csi.volume.FormatParameters;
import io.juicebox.csi.volume.Lineage;
import io.juicebox.csi.volume.Member;
import io.juicebox.csi.volume.Number;
import io.juicebox.csi.volume.RootDirectory;
import io.juicebox.csi.volume.VolumeId;
import io.juicebox.test.server.Command;
import io.juicebox.test.server.TestDirectory;
import io.juicebox.test.server.TestingMinio;
import io.juicebox.test.server.TestingRedis;
import io.juicebox.test.server.Tools;
import io.lettuce.core.resource.ClientResources;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Copies of filesystems that the real juicefs made and mounts. */
@Tag("real")
class ForkedFilesystemTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(8);
  private static final VolumeId VOLUME = new VolumeId("default-abcdefghij0123456789");
  private static final Lineage LINEAGE = Lineage.startedBy(VOLUME);
  private static final String BUCKET = "juicebox";
  private static final Number SOURCE = new Number(2);
  private static final Number RESTORED = new Number(3);
  private static final Number CLONED = new Number(4);
  private static final Capacity LARGER = new Capacity(2L << 30);

  private static ClientResources threads;
  private static TestingRedis redis;
  private static TestingMinio minio;
  private static TestDirectory directory;
  private static RedisConnection connection;
  private static S3ObjectStore objects;
  private static Metadata metadata;
  private static MetadataCopies copies;
  private static UUID source;
  private static Claim claim;

  @BeforeAll
  static void start() {
    threads = RedisConnection.resources();
    redis = TestingRedis.start(32);
    minio = TestingMinio.start();
    directory = TestDirectory.create("forked");
    BackendConnection backend = TestingBackend.of(redis, minio);
    connection = new RedisConnection(threads, backend, TIMEOUT);
    objects = new S3ObjectStore(backend, TIMEOUT);
    metadata = new Metadata(connection);
    copies = copies(1_000_000);
    objects.ensureBucket(BUCKET);
    source = format(SOURCE);
    claim =
        new Registry(
                connection,
                new RegistrySettings(
                    OptionalInt.empty(), TIMEOUT, Optional.empty(), Duration.ofSeconds(30)))
            .claimSweep()
            .orElseThrow();
  }

  private static MetadataCopies copies(long mostElements) {
    return new MetadataCopies(
        ForkedFilesystemTest::within,
        metadata,
        Duration.ofSeconds(1), // so that a few files are read at once on any machine
        mostElements);
  }

  private static RedisConnection within(Number number) {
    return RedisConnection.within(number, threads, TestingBackend.of(redis, minio), TIMEOUT);
  }

  private static UUID format(Number number) {
    var filesystem = filesystem(LINEAGE, new Capacity(1L << 30), 0);
    return metadata.make(number, filesystem, Member.FIRST, new RootDirectory(0, 0, 0777)).uuid();
  }

  private static NewFilesystem filesystem(Lineage lineage, Capacity capacity, int trashDays) {
    return new Formatter(new Juicefs(Tools.program("juicefs")), TIMEOUT)
        .format(
            TestingBackend.of(redis, minio),
            lineage,
            BUCKET,
            capacity,
            new FormatParameters(Compression.NONE, 4 << 20, trashDays, 10_000));
  }

  @AfterAll
  static void stop() {
    claim.close();
    objects.close();
    connection.close();
    directory.close();
    minio.close();
    redis.close();
    threads.shutdown(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }

  /**
   * One test, because mounts are not for free: a source in use, and what its forks are and have.
   */
  @Test
  void aForkIsItsSourceAtThatInstant() throws Exception {
    TestingMount mount = TestingMount.start(redis, minio, SOURCE, place("source"));
    Path root = mount.root();
    makeFiles(root);
    String tree = tree(root).replaceAll("(?m)^.*nameless.*\n", "");
    var restored = new Renewal(filesystem(LINEAGE, LARGER, 1), new Member(2));
    var cloned = new Renewal(filesystem(LINEAGE, LARGER, 1), new Member(3));
    Path stream = directory.path().resolve("stream");
    var reads = new ArrayList<ReadMetadata>();
    try (var open = FileChannel.open(root.resolve("nameless"), StandardOpenOption.READ);
        var locked = FileChannel.open(root.resolve("database"), StandardOpenOption.WRITE)) {
      Files.delete(root.resolve("nameless"));
      assertThat(locked.tryLock()).isNotNull();
      assertThat(redis.cli(SOURCE.value(), "KEYS", "lock*")).contains("lockp");
      assertThat(redis.cli(SOURCE.value(), "KEYS", "session?")).isNotEmpty();
      reads.add(copies.read(original(), stream));
      var _ = copies.copy(original(), CLONED, claim, cloned, reads::add);
      long last = Long.parseLong(redis.cli(SOURCE.value(), "GET", "nextchunk"));
      assertThat(reads).extracting(ReadMetadata::nextSlice).containsExactly(last + 1, last + 1);
      assertThat(open.size()).isEqualTo(5_000);
    }
    assertThat(reads).extracting(read -> read.report().way()).containsOnly(ReadReport.Way.AT_ONCE);
    Files.writeString(root.resolve("database"), "later");
    Files.delete(root.resolve("linked"));

    var _ = copies.write(stream, RESTORED, claim, restored);
    theForkHasItsOwn(RESTORED, restored);
    theForkHasItsOwn(CLONED, cloned);
    assertThat(contents(CLONED)).isEqualTo(contents(RESTORED));

    TestingMount fork = TestingMount.start(redis, minio, RESTORED, place("restored"));
    TestingMount clone = TestingMount.start(redis, minio, CLONED, place("cloned"));
    canBeUsed(fork.root(), tree);
    canBeUsed(clone.root(), tree);
    bothGoTheirOwnWay(root, fork.root());
    mount.end();
    fork.end();
    clone.end();
    fsck(SOURCE);
    fsck(RESTORED);
    fsck(CLONED);
  }

  private static Original original() {
    return new Original(SOURCE, Member.FIRST, source);
  }

  /**
   * All keys, but for those that each filesystem has of its own, and counters that a mount may
   * bring up to date between two readings.
   */
  private static Map<String, List<String>> contents(Number number) {
    UUID filesystem = metadata.setting(number).orElseThrow().uuid();
    var copy = new Copy();
    try (RedisConnection connection = within(number)) {
      var cost = new StepCost(Duration.ofSeconds(1), 1_000_000);
      var _ = new MetadataReader(connection, cost).read(filesystem, copy);
    }
    copy.values
        .keySet()
        .removeIf(key -> key.matches("setting|nextchunk|dir(DataLength|UsedSpace|UsedInodes)"));
    copy.values.computeIfPresent("delfiles", (_, files) -> List.of(files.getFirst())); // no time
    copy.values.replaceAll((key, parts) -> key.startsWith("c") ? parts : sorted(parts));
    return copy.values;
  }

  /** Fields, each with its value, in an order of their own. */
  private static List<String> sorted(List<String> parts) {
    return parts.size() < 2
        ? parts
        : IntStream.range(0, parts.size() / 2)
            .mapToObj(i -> parts.get(2 * i) + " " + parts.get(2 * i + 1))
            .sorted()
            .toList();
  }

  private static void canBeUsed(Path fork, String tree) throws IOException {
    assertThat(tree(fork)).isEqualTo(tree);
    assertThat(Files.getFileStore(fork).getTotalSpace()).isEqualTo(LARGER.bytes());
    try (var locked = FileChannel.open(fork.resolve("database"), StandardOpenOption.WRITE)) {
      assertThat(locked.tryLock()).isNotNull();
    }
  }

  private static Path place(String name) throws IOException {
    return Files.createDirectories(directory.path().resolve(name));
  }

  private static void makeFiles(Path root) throws IOException {
    Files.write(root.resolve("nameless"), new byte[5_000]);
    Files.writeString(root.resolve("database"), "earlier");
    Files.write(root.resolve("large"), new byte[9 << 20]);
    shell(
        root,
        "mkdir -p deep/er && cd deep/er && printf abc > file && ln file ../../linked && ln -s file link && mkfifo fifo"
            + " && truncate -s 100M sparse && printf end >> sparse"
            + " && chmod 4751 file && chown 1000:2000 file && touch -d 2001-02-03 file && for i in $(seq 200); do echo $i > f$i; done");
  }

  /** Everything that a program can tell of a tree: names, kinds, owners, times, links, contents. */
  private static String tree(Path root) {
    return shell(
        root,
        "find . -mindepth 1 -name '.*' -prune -o -printf '%P %y %m %U:%G %s %n %l %T@\\n' | sort"
            + " && find . -mindepth 1 -name '.*' -prune -o -type f -exec sha256sum {} + | sort");
  }

  private static String shell(Path directory, String script) {
    return Command.run(
        Duration.ofMinutes(1), List.of("bash", "-ec", "cd '" + directory + "'; " + script));
  }

  private static void theForkHasItsOwn(Number number, Renewal own) {
    assertThat(redis.cli(number.value(), "GET", "setting")).isEqualTo(own.filesystem().setting());
    assertThat(metadata.setting(number).orElseThrow().uuid()).isNotEqualTo(source);
    assertThat(redis.cli(number.value(), "GET", "nextchunk"))
        .isEqualTo(Long.toString(own.member().firstSlice()));
    assertThat(redis.cli(number.value(), "ZRANGE", "delfiles", "0", "-1")).endsWith(":5000");
    assertThat(redis.cli(number.value(), "KEYS", "*").lines())
        .noneMatch(key -> key.matches("(all)?[sS]ession.*|lock.*|fork"));
    assertThat(metadata.liveSessions(number)).isEmpty();
  }

  private static void bothGoTheirOwnWay(Path root, Path fork) throws IOException {
    Files.writeString(fork.resolve("database"), "fork's");
    Files.writeString(root.resolve("database"), "source's");
    Files.write(fork.resolve("large"), new byte[] {1, 2, 3});
    assertThat(root.resolve("database")).hasContent("source's");
    assertThat(fork.resolve("database")).hasContent("fork's");
    assertThat(fork.resolve("linked")).hasContent("abc");
    assertThat(root.resolve("linked")).doesNotExist();
    Files.delete(fork.resolve("deep/er/f7")); // into the trash that the source doesn't have
    assertThat(shell(fork, "cat .trash/*/*f7")).isEqualTo("7\n");
    assertThat(root.resolve("large")).hasSize(9 << 20);
    assertThat(objects.page(BUCKET, LINEAGE.prefix() + "chunks/2", Optional.empty(), 10))
        .isNotEmpty();
  }

  private static void fsck(Number number) {
    var command = new ArrayList<>(List.of("env"));
    TestingMount.environment(redis, minio)
        .forEach((name, value) -> command.add(name + "=" + value));
    command.addAll(
        List.of(
            Tools.program("juicefs").toString(),
            "--no-agent",
            "fsck",
            redis.address() + "/" + number));
    Command.run(Duration.ofMinutes(1), command);
  }

  @Test
  void aDamagedStreamChangesNothing() throws Exception {
    Number target = new Number(5);
    Path stream = directory.path().resolve("damaged");
    var _ = copies.read(original(), stream);
    byte[] bytes = Files.readAllBytes(stream);
    bytes[bytes.length / 2] ^= 4;
    Files.write(stream, bytes);
    assertThatThrownBy(() -> copies.write(stream, target, claim, renewal()))
        .isInstanceOf(Failed.class);
    assertThat(metadata.isEmpty(target)).isTrue();
  }

  @Test
  void whatCannotBeACopyLeavesNothing() {
    Number target = new Number(6);
    Path stream = directory.path().resolve("foreign");
    var _ = copies.read(original(), stream);
    var foreign =
        new Renewal(
            filesystem(new Lineage("default-zzzzzzzzzz0123456789"), LARGER, 0), new Member(2));
    assertThatThrownBy(() -> copies.write(stream, target, claim, foreign))
        .isInstanceOf(PreconditionFailed.class);
    assertThat(metadata.isEmpty(target)).isTrue();
  }

  @Test
  void aFilesystemIsNotWrittenOver() {
    Path stream = directory.path().resolve("again");
    var _ = copies.read(original(), stream);
    assertThatThrownBy(() -> copies.write(stream, SOURCE, claim, renewal()))
        .isInstanceOf(PreconditionFailed.class);
    assertThat(metadata.setting(SOURCE).orElseThrow().uuid()).isEqualTo(source);
  }

  @Test
  void whatAnEarlierAttemptLeftGoes() {
    Number target = new Number(7);
    redis.cli(target.value(), "MSET", "fork", "somebody", "i99", "old");
    Path stream = directory.path().resolve("anew");
    var _ = copies.read(original(), stream);
    var _ = copies.write(stream, target, claim, renewal());
    assertThat(redis.cli(target.value(), "EXISTS", "fork", "i99")).isEqualTo("0");
    assertThat(metadata.setting(target)).isPresent();
  }

  @Test
  void aHugeDirectoryIsWrittenInParts() {
    Number huge = new Number(8);
    var original = new Original(huge, Member.FIRST, hugeDirectory(huge));
    Path stream = directory.path().resolve("huge");
    MetadataCopies fewer = copies(100_000);
    var reads = new ArrayList<>(List.of(fewer.read(original, stream)));
    var _ = copies.write(stream, new Number(9), claim, renewal());
    var _ = fewer.copy(original, new Number(12), claim, renewal(), reads::add);
    assertThat(reads)
        .extracting(ReadMetadata::report)
        .allSatisfy(report -> {
          assertThat(report.way()).isEqualTo(ReadReport.Way.COPIED_BEFORE);
          assertThat(report.pause()).isZero();
        });
    assertThat(rootEntries(new Number(9))).isEqualTo(rootEntries(huge));
    assertThat(rootEntries(new Number(12))).isEqualTo(rootEntries(huge));
  }

  /** All of it is one entry of the stream then. */
  @Test
  void soIsOneThatWasReadInAPause() throws Exception {
    Number huge = new Number(10);
    UUID filesystem = hugeDirectory(huge);
    Path stream = directory.path().resolve("huge-in-use");
    var touching = new AtomicBoolean(true);
    try (var thread = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<?> toucher =
          thread.submit(() -> {
            while (touching.get()) {
              redis.cli(huge.value(), "HSET", "d1", "touched", "the same");
            }
          });
      try {
        assertThat(
                copies.read(new Original(huge, Member.FIRST, filesystem), stream).report().pause())
            .isPositive();
      } finally {
        touching.set(false);
      }
      toucher.get();
    }
    var _ = copies.write(stream, new Number(11), claim, renewal());
    assertThat(rootEntries(new Number(11))).isEqualTo(rootEntries(huge));
  }

  /** Writes come to the source in an order that shows what a copy of another instant lacks. */
  @ParameterizedTest
  @CsvSource({"13, 10, COPIED_BEFORE", "15, 1000000, AT_ONCE"})
  void underWritesAClonedNumberIsOfOneInstant(int number, long most, ReadReport.Way way) {
    Number changing = new Number(number);
    Number target = new Number(number + 1);
    var original = new Original(changing, Member.FIRST, format(changing));
    Writing.prepare(redis, changing);
    MetadataCopies some = copies(most);
    try (var writing = new Writing(within(changing))) {
      await().until(() -> writing.done > Writing.CHUNKS);
      for (int i = 0; i < 10; i++) {
        long before = writing.done;
        var reads = new ArrayList<ReadMetadata>();
        var _ = some.copy(original, target, claim, renewal(), reads::add);
        long after = writing.done + 1;
        assertThat(reads.getFirst().report().way()).isEqualTo(way);
        var copy = new Copy();
        copy.values.putAll(contents(target));
        assertThat(copy.requireOneInstant()).isBetween(before, after);
        redis.cli(target.value(), "FLUSHDB");
      }
    }
  }

  /**
   * More than the parts that go to a client in one step, fewer than half of what a step may have.
   */
  @Test
  void aLargeDirectoryIsCopiedByTheServer() {
    Number number = new Number(17);
    Number target = new Number(18);
    var original = new Original(number, Member.FIRST, directory(number, 5_000));
    Writing.prepare(redis, number);
    var reads = new ArrayList<ReadMetadata>();
    var _ = copies(11_000).copy(original, target, claim, renewal(), reads::add);
    assertThat(reads.getFirst().report().way()).isEqualTo(ReadReport.Way.COPIED_BEFORE);
    assertThat(contents(target)).isEqualTo(contents(number));
    assertThat(rootEntries(target)).isEqualTo(rootEntries(number));
  }

  @ParameterizedTest
  @CsvSource({"19, 10", "21, 1000000"})
  void keysThatNoJuicefsMakesAreNotCloned(int number, long most) {
    Number source = new Number(number);
    Number target = new Number(number + 1);
    var original = new Original(source, Member.FIRST, format(source));
    Writing.prepare(redis, source);
    for (String key : List.of("i77", "d77", "s77", "stream")) {
      redis.cli(source.value(), "XADD", key, "*", "a", "b");
      assertThatThrownBy(() -> copies(most).copy(original, target, claim, renewal(), _ -> {}))
          .isInstanceOf(PreconditionFailed.class)
          .hasMessageContaining(key);
      assertThat(metadata.isEmpty(target)).isTrue();
      redis.cli(source.value(), "DEL", key);
    }
  }

  @Test
  void whatSomebodyElseFillsIsLeftAlone() {
    Number target = new Number(23);
    try (RedisConnection from = within(SOURCE);
        RedisConnection to = within(target)) {
      redis.cli(target.value(), "SET", "fork", "somebody");
      var filling = new Filling(SOURCE, new MetadataWriter(to, metadata, target, claim));
      for (long most : new long[] {10, 1_000_000}) {
        var reader = new MetadataReader(from, new StepCost(TIMEOUT, most));
        assertThatThrownBy(() -> reader.copy(source, filling, _ -> {}))
            .isInstanceOf(OperationPending.class);
        assertThat(redis.cli(target.value(), "KEYS", "*")).isEqualTo("fork");
        assertThat(redis.cli(target.value(), "GET", "fork")).isEqualTo("somebody");
      }
    }
  }

  /** A filesystem with 200,001 entries in its root, as JuiceFS writes them: type u8, inode u64. */
  private static UUID hugeDirectory(Number number) {
    return directory(number, 200_000);
  }

  private static UUID directory(Number number, int files) {
    UUID filesystem = format(number);
    redis.cli(
        number.value(),
        "EVAL",
        "for i = 1, "
            + files
            + " do redis.call('HSET', 'd1', 'some-file-name-' .. i .. '.txt', struct.pack('>BI8', 1, i + 1)) end "
            + "redis.call('HSET', 'd1', 'touched', 'the same')",
        "0");
    assertThat(rootEntries(number)).startsWith((files + 1) + " ");
    return filesystem;
  }

  /** How many there are, and a digest of all. */
  private static String rootEntries(Number number) {
    return redis.cli(
        number.value(),
        "EVAL",
        """
        local parts, entries = redis.call('HGETALL', 'd1'), {}
        for i = 1, #parts, 2 do
          entries[#entries + 1] = parts[i] .. '/' .. parts[i + 1]
        end
        table.sort(entries)
        return redis.call('HLEN', 'd1') .. ' ' .. redis.sha1hex(table.concat(entries, '/'))
        """,
        "0");
  }

  private static Renewal renewal() {
    return new Renewal(filesystem(LINEAGE, LARGER, 0), new Member(3));
  }
}
