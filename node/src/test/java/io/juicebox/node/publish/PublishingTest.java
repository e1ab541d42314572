package io.juicebox.node.publish;

import static io.juicebox.csi.volume.AccessMode.MULTI_NODE_MULTI_WRITER;
import static io.juicebox.csi.volume.AccessMode.MULTI_NODE_READER_ONLY;
import static io.juicebox.csi.volume.AccessMode.SINGLE_NODE_MULTI_WRITER;
import static io.juicebox.csi.volume.AccessMode.SINGLE_NODE_WRITER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.juicebox.csi.status.DriverException.NotFound;
import io.juicebox.node.kernel.MountInfo;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a publication is, and its end. */
class PublishingTest extends PublishingScene {
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
    node.unpublish.unpublish(volume.volume(), target, soon());
    nothingIsLeft();
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
}
