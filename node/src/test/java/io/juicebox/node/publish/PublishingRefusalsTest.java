package io.juicebox.node.publish;

import static io.juicebox.csi.volume.AccessMode.MULTI_NODE_MULTI_WRITER;
import static io.juicebox.csi.volume.AccessMode.SINGLE_NODE_MULTI_WRITER;
import static io.juicebox.csi.volume.AccessMode.SINGLE_NODE_SINGLE_WRITER;
import static io.juicebox.csi.volume.AccessMode.SINGLE_NODE_WRITER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.juicebox.csi.status.DriverException;
import io.juicebox.csi.status.DriverException.AlreadyExists;
import io.juicebox.csi.status.DriverException.Failed;
import io.juicebox.csi.status.DriverException.InvalidRequest;
import io.juicebox.csi.status.DriverException.NotFound;
import io.juicebox.csi.status.DriverException.PreconditionFailed;
import io.juicebox.csi.status.DriverException.Unauthenticated;
import io.juicebox.csi.volume.BackendConnection;
import io.juicebox.csi.volume.MountOptions;
import io.juicebox.csi.volume.MountParameters;
import io.juicebox.csi.volume.Secret;
import io.juicebox.csi.volume.VolumeContext;
import io.juicebox.node.kernel.MountInfo;
import io.juicebox.node.mount.NodeStep;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Who gets no publication, and who else has the volume. */
class PublishingRefusalsTest extends PublishingScene {
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
    node.kernel.bind(Path.of("/sys"), targets.resolve("tmpfs"), Set.of());
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
  void targetInTheDriversOwnDirectoryIsRefused() {
    publish("a", SINGLE_NODE_MULTI_WRITER);
    var target = TargetPath.parse("target_path", mount().directory().toString());
    assertThatThrownBy(() -> node.unpublish.unpublish(volume.volume(), target, soon()))
        .isInstanceOf(InvalidRequest.class);
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
            keys.bucket(),
            keys.redisTls(),
            keys.objectAuthorities());
    var wrongStore =
        new BackendConnection(
            keys.redis(),
            keys.redisUser(),
            keys.redisPassword(),
            keys.objectEndpoint(),
            keys.objectRegion(),
            keys.objectAccessKey(),
            new Secret("wrong"),
            keys.bucket(),
            keys.redisTls(),
            keys.objectAuthorities());
    for (var wrong : List.of(wrongRedis, wrongStore)) {
      refused(withKeys("a", wrong), Unauthenticated.class, "refused the credentials");
    }
    nothingIsLeft();
    publish("a", SINGLE_NODE_WRITER);
    refused(withKeys("a", wrongStore), Unauthenticated.class, "object store");
    assertThat(at("a").device()).isEqualTo(mount().device());
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
  void clientOfThisHostAtAnotherPlaceIsForeign() {
    addSession(77, TestingNode.HOST, 600);
    refused(request("a", SINGLE_NODE_WRITER, false), PreconditionFailed.class, "/m");
    nothingIsLeft();
  }

  @Test
  void ownDeadSessionIsReleased() {
    addSession(77, TestingNode.HOST, 600, node.mounts.mountPoint(volume.volume()).toString());
    publish("a", SINGLE_NODE_WRITER);
    assertThat(backend.sessions(volume.context(), volume.backend()))
        .extracting(session -> session.pid())
        .containsExactly(mount().pid());
  }

  @Test
  void deletedVolumeIsNotFound() {
    volumes.redis.cli(volume.context().number().value(), "FLUSHDB");
    refused(request("a", SINGLE_NODE_WRITER, false), NotFound.class, "does not exist");
  }

  @Test
  void nodeThatBeganAtOnceIsSeen() {
    at(NodeStep.READY, () -> addSession(77, "another-host", 600));
    refused(request("a", SINGLE_NODE_WRITER, false), PreconditionFailed.class, "another-host");
    nothingIsLeft();
  }

  @Test
  void targetAmongTheCachesIsRefused() throws IOException {
    Path caches = Files.createDirectories(directory.path().resolve("cache/other"));
    Files.createSymbolicLink(targets.resolve("linked"), caches);
    Path kubelet = Files.createSymbolicLink(directory.path().resolve("kubelet"), caches);
    for (Path place : List.of(caches.resolve("a"), kubelet.resolve("a"))) {
      assertThatThrownBy(() -> node.publish.publish(at(place, Optional.empty()), soon()))
          .isInstanceOf(InvalidRequest.class)
          .hasMessageContaining("target_path");
    }
    refused("linked/a", "symbolic link");
    assertThat(caches).isEmptyDirectory();
  }

  @Test
  void targetInTheVolumesOwnCacheIsRefused() throws IOException {
    Path caches = Files.createDirectories(directory.path().resolve("disk"));
    Path own = Files.createDirectories(caches.resolve(volume.volume().value()));
    assertThatThrownBy(
            () -> node.publish.publish(at(own.resolve("a"), Optional.of(caches)), soon()))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageContaining("target_path");
    assertThat(own).isEmptyDirectory();
    node.publish.publish(at(caches.resolve("a"), Optional.of(caches)), soon());
    node.unpublish.unpublish(
        volume.volume(), at(caches.resolve("a"), Optional.empty()).target(), soon());
    assertThat(caches).isEmptyDirectory();
  }

  private PublishRequest at(Path target, Optional<Path> cacheDir) {
    VolumeContext of = volume.context();
    MountParameters mount = of.mount();
    var context =
        new VolumeContext(
            of.number(),
            of.lineage(),
            of.uuid(),
            of.bucket(),
            of.cacheClass(),
            new MountParameters(
                mount.cacheSize(),
                cacheDir,
                mount.bufferSize(),
                mount.memoryLimit(),
                mount.uploadLimit(),
                mount.downloadLimit(),
                mount.allowWriteback()));
    return new PublishRequest(
        volume.volume(),
        TargetPath.parse("target_path", target.toString()),
        new Arguments(SINGLE_NODE_WRITER, false, MountOptions.none(), context, Optional.empty()),
        volume.backend());
  }

  @Test
  void symbolicLinkPlantedAtTheTargetIsNotFollowed() throws IOException {
    Path elsewhere = Files.createDirectories(directory.path().resolve("elsewhere")).toRealPath();
    at(PublishStep.TARGET_CREATED, () -> replaceByLink(targets.resolve("a"), elsewhere));
    refused(request("a", SINGLE_NODE_WRITER, false), Failed.class, "target_path");
    assertThat(node.kernel.mounts().isMountedIn(directory.path().toRealPath())).isFalse();
    assertThat(targets.resolve("a")).isSymbolicLink();
    Files.delete(targets.resolve("a"));
    nothingIsLeft();
  }

  @ParameterizedTest
  @EnumSource(
      value = PublishStep.class,
      names = {"NOTED", "TARGET_CREATED", "BOUND"})
  void symbolicLinkPlantedForTheParentIsNotFollowed(PublishStep step) throws IOException {
    Path elsewhere = Files.createDirectories(directory.path().resolve("elsewhere")).toRealPath();
    Path aside = directory.path().toRealPath().resolve("aside");
    Files.createDirectory(elsewhere.resolve("a"));
    at(
        step,
        () -> {
          rename(targets, aside);
          replaceByLink(targets, elsewhere);
        });
    assertThatThrownBy(() -> publish("a", SINGLE_NODE_WRITER)).isInstanceOf(Failed.class);
    assertThat(elsewhere.resolve("a")).isEmptyDirectory();
    assertThat(node.kernel.mounts().isMountedIn(directory.path().toRealPath())).isFalse();
  }

  @Test
  void targetBehindALinkIsRefusedAndWhatIsPublishedThereStays() throws IOException {
    Path pod = Files.createDirectory(targets.resolve("pod"));
    Path aside = directory.path().toRealPath().resolve("aside");
    publish("pod/a", SINGLE_NODE_MULTI_WRITER);
    publish("b", SINGLE_NODE_MULTI_WRITER);
    rename(pod, aside);
    replaceByLink(pod, targets); // pod/b is b
    refused(request("pod/b", SINGLE_NODE_MULTI_WRITER, false), PreconditionFailed.class, "link");
    unpublish("pod/b"); // was never published there
    assertThat(at("b").device()).isEqualTo(mount().device());
    assertThatThrownBy(() -> unpublish("pod/a"))
        .isInstanceOf(PreconditionFailed.class)
        .hasMessageContaining("symbolic link");
    Files.delete(pod);
    rename(aside, pod);
    unpublish("pod/a");
    unpublish("b");
    Files.delete(pod);
    nothingIsLeft();
  }

  /** Each step finds the pod's own directory, or a link to another pod's, or nothing. */
  @Test
  void linkThatComesAndGoesLeadsNowhere() throws Exception {
    Path pod = Files.createDirectory(targets.resolve("pod"));
    Path aside = targets.resolve("aside");
    Path other = Files.createDirectory(targets.resolve("other"));
    publish("other/a", SINGLE_NODE_MULTI_WRITER);
    MountInfo others = at("other/a");
    var ending = new AtomicBoolean();
    var failure = new AtomicReference<Throwable>();
    var swapping =
        Thread.ofPlatform()
            .uncaughtExceptionHandler((_, e) -> failure.set(e))
            .start(() -> {
              while (!ending.get()) {
                rename(pod, aside);
                replaceByLink(pod, other);
                stayAWhile();
                rename(aside, removed(pod));
                stayAWhile();
              }
            });
    int published = 0;
    int refused = 0;
    try {
      for (int round = 0; round < 200; round++) {
        try {
          publish("pod/a", SINGLE_NODE_MULTI_WRITER);
          published++;
          unpublish("pod/a");
        } catch (DriverException e) {
          assertThat(e).isInstanceOfAny(PreconditionFailed.class, Failed.class);
          refused++;
        }
        assertThat(at("other/a").id()).isEqualTo(others.id());
        assertThat(stacked("other/a")).isEqualTo(1);
      }
    } finally {
      ending.set(true);
      swapping.join();
    }
    assertThat(failure).as("of the thread that moves the link").hasValue(null);
    assertThat(published).isPositive();
    assertThat(refused).isPositive();
    // A call that was refused may have made a directory that was elsewhere when it had to go.
    publish("pod/a", SINGLE_NODE_MULTI_WRITER);
    unpublish("pod/a");
    unpublish("other/a");
    Files.delete(pod);
    Files.delete(other);
    nothingIsLeft();
  }

  /** As long as a publication takes, or a part of it. */
  private static void stayAWhile() {
    LockSupport.parkNanos(ThreadLocalRandom.current().nextInt(30_000_000));
  }

  private static Path removed(Path path) {
    try {
      Files.delete(path);
      return path;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void replaceByLink(Path path, Path elsewhere) {
    try {
      Files.deleteIfExists(path);
      Files.createSymbolicLink(path, elsewhere);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void rename(Path from, Path to) {
    try {
      Files.move(from, to);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
