package io.juicebox.node.publish;

import static io.juicebox.csi.volume.AccessMode.MULTI_NODE_MULTI_WRITER;
import static io.juicebox.csi.volume.AccessMode.SINGLE_NODE_MULTI_WRITER;
import static io.juicebox.csi.volume.AccessMode.SINGLE_NODE_WRITER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.juicebox.csi.status.DriverException.BackendUnavailable;
import io.juicebox.csi.status.DriverException.Late;
import io.juicebox.node.kernel.Deadline;
import io.juicebox.node.mount.NodeStep;
import io.juicebox.test.server.Signals;
import java.nio.file.Files;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Backends, processes and the program itself go away. */
class PublishingFaultsTest extends PublishingScene {
  @Test
  void redisThatHangsWhileJuicefsStartsIsNamedInTime() {
    at(NodeStep.RECORDED, () -> Signals.stop(volumes.redis.pid()));
    try {
      redisIsNamedInTime();
    } finally {
      Signals.resume(volumes.redis.pid());
    }
    nothingIsLeft();
    publish("a", SINGLE_NODE_WRITER);
  }

  @Test
  void redisThatEndsWhileJuicefsStartsIsNamedInTime() {
    at(NodeStep.RECORDED, volumes.redis::stop);
    try {
      redisIsNamedInTime();
    } finally {
      volumes.redis.restart();
    }
    nothingIsLeft();
    publish("a", SINGLE_NODE_WRITER);
  }

  private void redisIsNamedInTime() {
    long began = System.nanoTime();
    refused(request("a", SINGLE_NODE_WRITER, false), BackendUnavailable.class, "Redis at");
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(15));
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
  void unpublishWithoutRedisAnswersInTimeAndGoesOn() {
    publish("a", SINGLE_NODE_WRITER);
    volumes.redis.stop();
    try {
      long began = System.nanoTime();
      assertThatThrownBy(() -> unpublish("a"))
          .isInstanceOf(BackendUnavailable.class)
          .hasMessageContaining("call again");
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(15));
      assertThat(targets).isEmptyDirectory();
    } finally {
      volumes.redis.restart();
    }
    unpublishRepeatedly("a");
    nothingIsLeft();
  }

  @Test
  void callsDeadlineHoldsForUnpublish() {
    publish("a", SINGLE_NODE_WRITER);
    long pid = mount().pid();
    Signals.stop(pid);
    try {
      long began = System.nanoTime();
      assertThatThrownBy(() ->
              node.unpublish.unpublish(
                  volume.volume(), target("a"), Deadline.after(Duration.ofMillis(300))))
          .isInstanceOf(BackendUnavailable.class);
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(7));
    } finally {
      Signals.resume(pid);
    }
    node.unused.sweep(); // the CO never calls again
    nothingIsLeft();
  }

  @Test // takes the 20 s that a juicefs is given which still may flush
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
  void killedJuicefsIsReplacedUnderItsPublications() throws Exception {
    publish("a", SINGLE_NODE_MULTI_WRITER);
    publish("b", SINGLE_NODE_MULTI_WRITER);
    Signals.kill(mount().pid());
    Files.writeString(targets.resolve("a/file"), "text");
    publish("a", SINGLE_NODE_MULTI_WRITER);
    assertThat(targets.resolve("b/file")).hasContent("text");
    assertThat(stacked("a")).isEqualTo(1);
    unpublish("b");
    assertThat(targets.resolve("b")).doesNotExist();
    unpublish("a");
    nothingIsLeft();
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
      names = {"PROVEN", "MOUNTED", "NOTED", "TARGET_CREATED", "BOUND"})
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
}
