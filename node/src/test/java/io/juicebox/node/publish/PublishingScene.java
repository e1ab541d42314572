package io.juicebox.node.publish;

import static io.juicebox.csi.volume.AccessMode.SINGLE_NODE_WRITER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.juicebox.csi.ops.Steps;
import io.juicebox.csi.status.DriverException;
import io.juicebox.csi.status.DriverException.BackendUnavailable;
import io.juicebox.csi.status.DriverException.PreconditionFailed;
import io.juicebox.csi.volume.AccessMode;
import io.juicebox.csi.volume.BackendConnection;
import io.juicebox.csi.volume.MountOptions;
import io.juicebox.node.kernel.Deadline;
import io.juicebox.node.kernel.MountInfo;
import io.juicebox.node.mount.Mount;
import io.juicebox.node.mount.MountRequest;
import io.juicebox.node.mount.TestingVolumes;
import io.juicebox.node.proof.RemoteBackend;
import io.juicebox.test.server.TestDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;

/** A node with the kernel, juicefs, Redis and MinIO, one volume and room for targets. */
@Tag("real")
abstract class PublishingScene {
  static TestingVolumes volumes;
  static RemoteBackend backend;

  final TestDirectory directory = TestDirectory.create("publish");
  private final Map<String, Runnable> atStep = new ConcurrentHashMap<>();
  MountRequest volume;
  TestingNode node;
  Path targets;

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

  void act(boolean publish) {
    if (publish) {
      publish("a", SINGLE_NODE_WRITER);
    } else {
      unpublish("a");
    }
  }

  /** Ends a call at a step as a kill would: nothing of it runs any more. */
  void crash(PublishStep step, Runnable call) {
    at(
        step,
        () -> {
          throw new Crash();
        });
    assertThatThrownBy(call::run).isInstanceOf(Crash.class);
  }

  /** Does something the next time that a call comes to a step. */
  void at(Steps.Step step, Runnable what) {
    atStep.put(step.label(), what);
  }

  private static final class Crash extends Error {
    static final long serialVersionUID = 1L;
  }

  TestingNode start() {
    return new TestingNode(
        directory,
        backend,
        step -> {
          var what = atStep.remove(step.label());
          if (what != null) {
            what.run();
          }
        });
  }

  void restart() {
    node.close();
    node = start();
  }

  void publish(String name, AccessMode mode) {
    publish(name, request(name, mode, false));
  }

  void publish(String name, PublishRequest request) {
    assertThat(request.target()).isEqualTo(target(name));
    node.publish.publish(request, soon());
  }

  void unpublish(String name) {
    node.unpublish.unpublish(volume.volume(), target(name), soon());
  }

  /** As a CO does; each attempt answers in time. */
  void unpublishRepeatedly(String name) {
    for (int attempt = 0; attempt < 5; attempt++) {
      long began = System.nanoTime();
      try {
        unpublish(name);
        return;
      } catch (BackendUnavailable e) {
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(15));
        // the next attempt finishes
      }
    }
    unpublish(name);
  }

  void refused(String name, String text) {
    refused(request(name, SINGLE_NODE_WRITER, false), PreconditionFailed.class, text);
  }

  void refused(PublishRequest request, Class<? extends DriverException> type, String text) {
    assertThatThrownBy(() -> node.publish.publish(request, soon()))
        .isInstanceOf(type)
        .hasMessageContaining(text);
  }

  PublishRequest request(String name, AccessMode mode, boolean readOnly, String... flags) {
    return new PublishRequest(
        volume.volume(), target(name), arguments(mode, readOnly, flags), volume.backend());
  }

  PublishRequest withKeys(String name, BackendConnection keys) {
    return new PublishRequest(
        volume.volume(), target(name), arguments(SINGLE_NODE_WRITER, false), keys);
  }

  Arguments arguments(AccessMode mode, boolean readOnly, String... flags) {
    return new Arguments(
        mode,
        readOnly,
        MountOptions.from(List.of(flags), false),
        volume.context(),
        Optional.of(new MountGroup(2000)));
  }

  TargetPath target(String name) {
    return TargetPath.parse("target_path", targets.resolve(name).toString());
  }

  static Deadline soon() {
    return Deadline.after(Duration.ofSeconds(20));
  }

  Mount mount() {
    return node.mounts.find(volume.volume()).orElseThrow();
  }

  MountInfo at(String name) {
    return node.kernel.mounts().at(targets.resolve(name)).orElseThrow();
  }

  long stacked(String name) {
    return node.kernel.mounts().stackedAt(targets.resolve(name)).count();
  }

  void nothingIsLeft() {
    assertThat(targets).isEmptyDirectory();
    assertThat(node.mounts.list()).isEmpty();
    assertThat(node.kernel.mounts().mounts())
        .noneMatch(mount -> mount.mountPoint().startsWith(directory.path().toString()));
    try (Stream<Path> files = Files.walk(directory.path().resolve("state"))) {
      assertThat(files)
          .noneMatch(
              path -> Files.isRegularFile(path) || path.toString().contains("publications/"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void addSession(long id, String host, long seconds) {
    addSession(id, host, seconds, "/m");
  }

  void addSession(long id, String host, long seconds, String mountPoint) {
    int number = volume.context().number().value();
    String expiry = Long.toString(System.currentTimeMillis() / 1000 + seconds);
    volumes.redis.cli(number, "ZADD", "allSessions", expiry, Long.toString(id));
    volumes.redis.cli(
        number,
        "HSET",
        "sessionInfos",
        Long.toString(id),
        "{\"HostName\":\"%s\",\"MountPoint\":\"%s\",\"ProcessID\":999999}"
            .formatted(host, mountPoint));
  }
}
