package io.juicebox.node.publish;

import static io.juicebox.csi.volume.AccessMode.MULTI_NODE_MULTI_WRITER;
import static io.juicebox.csi.volume.AccessMode.MULTI_NODE_READER_ONLY;
import static io.juicebox.csi.volume.AccessMode.SINGLE_NODE_MULTI_WRITER;
import static io.juicebox.csi.volume.AccessMode.SINGLE_NODE_SINGLE_WRITER;
import static io.juicebox.csi.volume.AccessMode.SINGLE_NODE_WRITER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.juicebox.csi.status.DriverException;
import io.juicebox.csi.status.DriverException.AlreadyExists;
import io.juicebox.csi.status.DriverException.BackendUnavailable;
import io.juicebox.csi.status.DriverException.InvalidRequest;
import io.juicebox.csi.status.DriverException.Late;
import io.juicebox.csi.status.DriverException.NotFound;
import io.juicebox.csi.status.DriverException.PreconditionFailed;
import io.juicebox.csi.status.DriverException.Unauthenticated;
import io.juicebox.csi.volume.AccessMode;
import io.juicebox.csi.volume.BackendConnection;
import io.juicebox.csi.volume.MountOptions;
import io.juicebox.csi.volume.Secret;
import io.juicebox.node.kernel.Deadline;
import io.juicebox.node.kernel.MountInfo;
import io.juicebox.node.mount.Mount;
import io.juicebox.node.mount.MountRequest;
import io.juicebox.node.mount.TestingVolumes;
import io.juicebox.node.proof.RemoteBackend;
import io.juicebox.test.server.Signals;
import io.juicebox.test.server.TestDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** With the kernel, juicefs, Redis and MinIO; needs root. */
@Tag("real")
class PublishingTest {
  private static TestingVolumes volumes;
  private static RemoteBackend backend;

  private final TestDirectory directory = TestDirectory.create("publish");
  private final AtomicReference<String> crashAt = new AtomicReference<>("");
  private MountRequest volume;
  private TestingNode node;
  private Path targets;

  @BeforeAll
  static void startServers() {
    volumes = new TestingVolumes();
    backend = new RemoteBackend(Duration.ofSeconds(4));
  }

  @AfterAll
  static void stopServers() {
    backend.close();
    volumes.close();
  }

  @BeforeEach
  void prepare() throws IOException {
    volume = volumes.create();
    node = start();
    targets = Files.createDirectories(directory.path().resolve("targets")).toRealPath();
  }

  @AfterEach
  void clean() {
    node.close();
    directory.close();
  }

  @Test
  void publishedVolumeIsUsable() throws IOException {
    publish("a", SINGLE_NODE_WRITER);
    Files.writeString(targets.resolve("a/file"), "text");
    assertThat(targets.resolve("a/file")).hasContent("text");
    assertThat(at("a").options()).contains("rw", "nodev", "nosuid").doesNotContain("noexec");
  }

  @Test
  void targetsShareOneMount() throws IOException {
    publish("a", SINGLE_NODE_MULTI_WRITER);
    publish("b", SINGLE_NODE_MULTI_WRITER);
    Files.writeString(targets.resolve("a/file"), "text");
    assertThat(targets.resolve("b/file")).hasContent("text");
    assertThat(node.mounts.list()).hasSize(1);
    assertThat(node.unused.publications()).isEqualTo(2);
  }

  @Test
  void secondPublishIsNoOp() {
    publish("a", SINGLE_NODE_WRITER);
    MountInfo before = at("a");
    publish("a", SINGLE_NODE_WRITER);
    assertThat(at("a").id()).isEqualTo(before.id());
    assertThat(stacked("a")).isEqualTo(1);
  }

  @Test
  void secondPublishAfterRestartIsNoOp() {
    publish("a", SINGLE_NODE_WRITER);
    MountInfo before = at("a");
    restart();
    publish("a", SINGLE_NODE_WRITER);
    assertThat(at("a").id()).isEqualTo(before.id());
  }

  @Test
  void eachTargetHasItsOwnFlags() throws IOException {
    publish("rw", request("rw", MULTI_NODE_MULTI_WRITER, false));
    publish("ro", request("ro", MULTI_NODE_MULTI_WRITER, true));
    publish("rom", request("rom", MULTI_NODE_READER_ONLY, false));
    publish("x", request("x", MULTI_NODE_MULTI_WRITER, false, "noexec", "dev"));
    Files.writeString(targets.resolve("rw/file"), "text");
    for (String name : List.of("ro", "rom")) {
      assertThat(targets.resolve(name).resolve("file")).hasContent("text");
      assertThatThrownBy(() -> Files.writeString(targets.resolve(name).resolve("file"), "other"))
          .isInstanceOf(FileSystemException.class)
          .hasMessageContaining("Read-only");
    }
    assertThat(at("x").options()).contains("noexec", "nosuid").doesNotContain("nodev");
  }

  @Test
  void otherArgumentsAtThatTargetAreRefused() {
    publish("a", SINGLE_NODE_WRITER);
    refused(request("a", SINGLE_NODE_WRITER, true), AlreadyExists.class, "readonly");
    refused(request("a", SINGLE_NODE_MULTI_WRITER, false), AlreadyExists.class, "access mode");
    refused(request("a", SINGLE_NODE_WRITER, false, "noexec"), AlreadyExists.class, "mount flags");
    assertThat(at("a").options()).contains("rw");
  }

  @Test
  void exclusiveModeHasOneTarget() {
    publish("a", SINGLE_NODE_SINGLE_WRITER);
    refused(request("b", SINGLE_NODE_SINGLE_WRITER, false), PreconditionFailed.class, "one target");
    assertThat(targets.resolve("b")).doesNotExist();
    publish("a", SINGLE_NODE_SINGLE_WRITER);
    unpublish("a");
    publish("b", SINGLE_NODE_SINGLE_WRITER);
  }

  @Test
  void whatIsNotOursAtTheTargetStays() throws IOException {
    Files.createFile(targets.resolve("file"));
    Files.createSymbolicLink(targets.resolve("link"), targets);
    Files.createDirectories(targets.resolve("full/inner"));
    Files.createDirectories(targets.resolve("tmpfs"));
    node.kernel.bind(Path.of("/sys"), targets.resolve("tmpfs"));
    try {
      refused("file", "a file");
      refused("link", "a symbolic link");
      refused("full", "not empty");
      refused("tmpfs", "sysfs");
      refused("no/parent", "parent");
      for (String name : List.of("file", "link", "full", "no/parent", "nothing")) {
        unpublish(name);
      }
      assertThatThrownBy(() -> unpublish("tmpfs")).isInstanceOf(PreconditionFailed.class);
      assertThat(targets.resolve("file")).exists();
      assertThat(targets.resolve("link")).isSymbolicLink();
      assertThat(targets.resolve("full/inner")).isDirectory();
    } finally {
      node.kernel.unmount(targets.resolve("tmpfs"));
    }
    assertThat(node.mounts.list()).isEmpty();
  }

  @Test
  void emptyDirectoryIsUsedAndRemoved() throws IOException {
    Files.createDirectory(targets.resolve("a"));
    publish("a", SINGLE_NODE_WRITER);
    unpublish("a");
    assertThat(targets.resolve("a")).doesNotExist();
  }

  @Test
  void parentMayBeASymbolicLink() throws IOException {
    Files.createSymbolicLink(directory.path().resolve("linked"), targets);
    var target = TargetPath.parse("target_path", directory.path().resolve("linked/a").toString());
    var request =
        new PublishRequest(
            volume.volume(), target, arguments(SINGLE_NODE_WRITER, false), volume.backend());
    node.publish.publish(request, soon());
    assertThat(at("a").device()).isEqualTo(mount().device());
    publish("a", SINGLE_NODE_WRITER);
    assertThat(node.stats.of(volume.volume(), target).bytes()).isPositive();
    node.unpublish.unpublish(volume.volume(), target);
    nothingIsLeft();
  }

  @Test
  void targetInTheDriversOwnDirectoryIsRefused() {
    publish("a", SINGLE_NODE_MULTI_WRITER);
    var target = TargetPath.parse("target_path", mount().directory().toString());
    assertThatThrownBy(() -> node.unpublish.unpublish(volume.volume(), target))
        .isInstanceOf(InvalidRequest.class);
  }

  @Test
  void lastUnpublishEndsTheMount() {
    publish("a", SINGLE_NODE_MULTI_WRITER);
    publish("b", SINGLE_NODE_MULTI_WRITER);
    long pid = mount().pid();
    unpublish("a");
    assertThat(targets.resolve("a")).doesNotExist();
    assertThat(node.mounts.list()).hasSize(1);
    unpublish("b");
    await().untilAsserted(() -> assertThat(Path.of("/proc/" + pid)).doesNotExist());
    nothingIsLeft();
    unpublish("b");
  }

  @Test
  void wrongKeysAreRefusedAndLeaveNothing() {
    var keys = volume.backend();
    var wrongRedis =
        new BackendConnection(
            keys.redis(),
            keys.redisUser(),
            new Secret("wrong"),
            keys.objectEndpoint(),
            keys.objectRegion(),
            keys.objectAccessKey(),
            keys.objectSecretKey(),
            keys.bucket());
    var wrongStore =
        new BackendConnection(
            keys.redis(),
            keys.redisUser(),
            keys.redisPassword(),
            keys.objectEndpoint(),
            keys.objectRegion(),
            keys.objectAccessKey(),
            new Secret("wrong"),
            keys.bucket());
    for (var wrong : List.of(wrongRedis, wrongStore)) {
      refused(withKeys("a", wrong), Unauthenticated.class, "refused the credentials");
    }
    nothingIsLeft();
    publish("a", SINGLE_NODE_WRITER);
    refused(withKeys("a", wrongStore), Unauthenticated.class, "object store");
    assertThat(at("a").device()).isEqualTo(mount().device());
  }

  @Test
  void backendsAreNeededToPublishAndNotToUnpublish() {
    publish("a", MULTI_NODE_MULTI_WRITER);
    volumes.minio.stop();
    try {
      refused(
          request("b", MULTI_NODE_MULTI_WRITER, false), BackendUnavailable.class, "object store");
      unpublish("a");
    } finally {
      volumes.minio.restart();
    }
    nothingIsLeft();
  }

  @Test
  void statsTellTheCapacity() {
    publish("a", SINGLE_NODE_WRITER);
    var room = node.stats.of(volume.volume(), target("a"));
    assertThat(room.bytes()).isEqualTo(1L << 30);
    assertThat(room.inodes()).isPositive();
    assertThatThrownBy(() -> node.stats.of(volume.volume(), target("b")))
        .isInstanceOf(NotFound.class);
    assertThatThrownBy(() -> node.stats.of(volumes.create().volume(), target("a")))
        .isInstanceOf(NotFound.class);
  }

  @Test
  @Tag("slow") // a juicefs that still may flush is given 20 s
  void hungVolumeIsToldInTimeAndCanBeUnpublished() throws Exception {
    publish("a", SINGLE_NODE_WRITER);
    Signals.stop(mount().pid());
    assertThatThrownBy(() -> node.stats.of(volume.volume(), target("a"))).isInstanceOf(Late.class);
    long began = System.nanoTime();
    unpublishRepeatedly("a");
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(60));
    nothingIsLeft();
  }

  @Test
  void killedJuicefsIsReplacedByTheNextPublish() throws Exception {
    publish("a", SINGLE_NODE_MULTI_WRITER);
    publish("b", SINGLE_NODE_MULTI_WRITER);
    Signals.kill(mount().pid());
    assertThatThrownBy(() -> Files.writeString(targets.resolve("a/file"), "text"))
        .isInstanceOf(IOException.class);
    publish("a", SINGLE_NODE_MULTI_WRITER);
    Files.writeString(targets.resolve("a/file"), "text");
    assertThat(stacked("a")).isEqualTo(1);
    unpublish("b");
    assertThat(targets.resolve("b")).doesNotExist();
    unpublish("a");
    nothingIsLeft();
  }

  @Test
  void busyTargetIsSaidAndStays() throws IOException {
    publish("a", SINGLE_NODE_WRITER);
    try (var _ =
        FileChannel.open(
            targets.resolve("a/file"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      assertThatThrownBy(() -> unpublish("a"))
          .isInstanceOf(PreconditionFailed.class)
          .hasMessageContaining("processes use");
    }
    unpublish("a");
    nothingIsLeft();
  }

  @Test
  void volumeOfAnotherHostIsRefusedToOneNodeOnly() {
    addSession(77, "another-host", 600);
    refused(request("a", SINGLE_NODE_WRITER, false), PreconditionFailed.class, "another-host");
    nothingIsLeft();
    publish("a", MULTI_NODE_MULTI_WRITER);
  }

  @Test
  void ownDeadSessionIsReleased() {
    addSession(77, TestingNode.HOST, 600);
    publish("a", SINGLE_NODE_WRITER);
    assertThat(backend.sessions(volume.context(), volume.backend()))
        .extracting(session -> session.pid())
        .containsExactly(mount().pid());
  }

  @Test
  void sessionOfALivingMountIsKnownByItsProcess() {
    publish("a", SINGLE_NODE_MULTI_WRITER);
    var sessions = backend.sessions(volume.context(), volume.backend());
    assertThat(sessions)
        .singleElement()
        .extracting(SessionProcess::of)
        .isEqualTo(SessionProcess.OF_THE_DRIVER);
  }

  @Test
  void deletedVolumeIsNotFound() {
    volumes.redis.cli(volume.context().number().value(), "FLUSHDB");
    refused(request("a", SINGLE_NODE_WRITER, false), NotFound.class, "does not exist");
  }

  @ParameterizedTest
  @EnumSource(PublishStep.class)
  void crashIsRepairedByCallingAgain(PublishStep step) {
    boolean whilePublishing = step.label().startsWith("publish.");
    if (!whilePublishing) {
      publish("a", SINGLE_NODE_WRITER);
    }
    crash(step, () -> act(whilePublishing));
    restart();
    act(whilePublishing);
    if (whilePublishing) {
      assertThat(stacked("a")).isEqualTo(1);
      assertThat(at("a").device()).isEqualTo(mount().device());
      unpublish("a");
    }
    nothingIsLeft();
  }

  @ParameterizedTest
  @EnumSource(
      value = PublishStep.class,
      names = {"PROVEN", "MOUNTED", "NOTED", "TARGET_CREATED", "BOUND", "FLAGS_SET"})
  void crashInPublishIsRepairedByUnpublish(PublishStep step) {
    crash(step, () -> publish("a", SINGLE_NODE_WRITER));
    restart();
    unpublish("a");
    nothingIsLeft();
  }

  @Test
  void mountThatNobodyAskedForAgainIsReleased() {
    crash(PublishStep.MOUNTED, () -> publish("a", SINGLE_NODE_WRITER));
    restart();
    assertThat(node.mounts.list()).hasSize(1);
    node.unused.sweep();
    nothingIsLeft();
  }

  private void act(boolean publish) {
    if (publish) {
      publish("a", SINGLE_NODE_WRITER);
    } else {
      unpublish("a");
    }
  }

  /** Ends a call at a step as a kill would: nothing of it runs any more. */
  private void crash(PublishStep step, Runnable call) {
    crashAt.set(step.label());
    assertThatThrownBy(call::run).isInstanceOf(Crash.class);
    crashAt.set("");
  }

  private static final class Crash extends Error {
    private static final long serialVersionUID = 1L;
  }

  private TestingNode start() {
    return new TestingNode(
        directory,
        backend,
        step -> {
          if (step.label().equals(crashAt.get())) {
            throw new Crash();
          }
        });
  }

  private void restart() {
    node.close();
    node = start();
  }

  private void publish(String name, AccessMode mode) {
    publish(name, request(name, mode, false));
  }

  private void publish(String name, PublishRequest request) {
    assertThat(request.target()).isEqualTo(target(name));
    node.publish.publish(request, soon());
  }

  private void unpublish(String name) {
    node.unpublish.unpublish(volume.volume(), target(name));
  }

  /** As a CO does. */
  private void unpublishRepeatedly(String name) {
    for (int attempt = 0; attempt < 3; attempt++) {
      try {
        unpublish(name);
        return;
      } catch (Late e) {
        // the next attempt finishes
      }
    }
    unpublish(name);
  }

  private void refused(String name, String text) {
    refused(request(name, SINGLE_NODE_WRITER, false), PreconditionFailed.class, text);
  }

  private void refused(PublishRequest request, Class<? extends DriverException> type, String text) {
    assertThatThrownBy(() -> node.publish.publish(request, soon()))
        .isInstanceOf(type)
        .hasMessageContaining(text);
  }

  private PublishRequest request(String name, AccessMode mode, boolean readOnly, String... flags) {
    return new PublishRequest(
        volume.volume(), target(name), arguments(mode, readOnly, flags), volume.backend());
  }

  private PublishRequest withKeys(String name, BackendConnection keys) {
    return new PublishRequest(
        volume.volume(), target(name), arguments(SINGLE_NODE_WRITER, false), keys);
  }

  private Arguments arguments(AccessMode mode, boolean readOnly, String... flags) {
    return new Arguments(
        mode, readOnly, MountOptions.from(List.of(flags), false), volume.context());
  }

  private TargetPath target(String name) {
    return TargetPath.parse("target_path", targets.resolve(name).toString());
  }

  private static Deadline soon() {
    return Deadline.after(Duration.ofSeconds(20));
  }

  private Mount mount() {
    return node.mounts.find(volume.volume()).orElseThrow();
  }

  private MountInfo at(String name) {
    return node.kernel.mounts().at(targets.resolve(name)).orElseThrow();
  }

  private long stacked(String name) {
    return node.kernel.mounts().stackedAt(targets.resolve(name)).count();
  }

  private void nothingIsLeft() {
    assertThat(targets).isEmptyDirectory();
    assertThat(node.mounts.list()).isEmpty();
    assertThat(node.publications.volumes()).isEmpty();
    assertThat(node.kernel.mounts().mounts())
        .noneMatch(mount -> mount.mountPoint().startsWith(directory.path().toString()));
    try (Stream<Path> files = Files.walk(directory.path().resolve("state"))) {
      assertThat(files.filter(Files::isRegularFile)).isEmpty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void addSession(long id, String host, long seconds) {
    int number = volume.context().number().value();
    String expiry = Long.toString(System.currentTimeMillis() / 1000 + seconds);
    volumes.redis.cli(number, "ZADD", "allSessions", expiry, Long.toString(id));
    volumes.redis.cli(
        number,
        "HSET",
        "sessionInfos",
        Long.toString(id),
        "{\"HostName\":\"%s\",\"MountPoint\":\"/m\",\"ProcessID\":999999}".formatted(host));
  }
}
