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
import io.juicebox.node.kernel.MountTable;
import io.juicebox.test.server.Command;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
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
  void directoryOfTheKubeletMayBeASymbolicLink() throws IOException {
    Files.createSymbolicLink(directory.path().resolve("kubelet"), targets);
    var target = TargetPath.parse("target_path", directory.path().resolve("kubelet/a").toString());
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
  void flagsThatSomebodyChangedAreMended() {
    publish("a", SINGLE_NODE_WRITER);
    Command.run(
        Duration.ofSeconds(10),
        List.of("mount", "-o", "remount,bind,ro,dev", targets.resolve("a").toString()));
    publish("a", SINGLE_NODE_WRITER);
    assertThat(at("a").options()).contains("rw", "nodev", "nosuid");
    publish("a", SINGLE_NODE_WRITER);
    assertThat(stacked("a")).isEqualTo(1);
    unpublish("a");
    nothingIsLeft();
  }

  /** On a node the folders of mounts are shared with its containers, and so are mounts in them. */
  @Test
  void publicationsOfASharedMountAreNoPeers() {
    publish("rw", request("rw", MULTI_NODE_MULTI_WRITER, false));
    share(mount().directory());
    share(targets.resolve("rw"));
    publish("ro", request("ro", MULTI_NODE_MULTI_WRITER, true));
    long before = juicefsMounts();
    Command.run(
        Duration.ofSeconds(10),
        List.of("mount", "-o", "remount,bind,rw", targets.resolve("ro").toString()));

    publish("ro", request("ro", MULTI_NODE_MULTI_WRITER, true));
    publish("rw", request("rw", MULTI_NODE_MULTI_WRITER, false));

    assertThat(at("ro").options()).contains("ro");
    assertThat(at("rw").options()).contains("rw");
    assertThat(juicefsMounts()).isEqualTo(before);
    unpublish("ro");
    unpublish("rw");
    nothingIsLeft();
  }

  /** One that is a peer of the volume's mount, as the former release made them. */
  @Test
  void aPeerOfTheMountIsReplacedAlone() {
    publish("other", request("other", MULTI_NODE_MULTI_WRITER, false));
    share(mount().directory());
    publish("a", request("a", MULTI_NODE_MULTI_WRITER, true));
    long before = juicefsMounts();
    String a = targets.resolve("a").toString();
    Command.run(Duration.ofSeconds(10), List.of("umount", a));
    Command.run(
        Duration.ofSeconds(10), List.of("mount", "--bind", mount().directory().toString(), a));

    publish("a", request("a", MULTI_NODE_MULTI_WRITER, true));

    assertThat(at("a").options()).contains("ro", "nodev");
    assertThat(at("other").options()).contains("rw");
    assertThat(juicefsMounts()).isEqualTo(before);
    unpublish("a");
    unpublish("other");
    nothingIsLeft();
  }

  private static void share(Path mount) {
    Command.run(Duration.ofSeconds(10), List.of("mount", "--make-shared", mount.toString()));
  }

  private long juicefsMounts() {
    return node.kernel.mounts().ofDevice(mount().device()).count();
  }

  /** As the node sees what the plugin's container mounts: it gets the mount, and no remount. */
  @Test
  void otherMountNamespacesSeeThePublicationWithItsFlags() throws IOException {
    node.kernel.bind(targets, targets, Set.of());
    Command.run(Duration.ofSeconds(10), List.of("mount", "--make-shared", targets.toString()));
    var other =
        new ProcessBuilder("unshare", "--mount", "--propagation", "unchanged", "sleep", "infinity")
            .start();
    Path process = Path.of("/proc", Long.toString(other.pid()));
    try {
      await().until(() -> Files.readString(process.resolve("comm")).strip().equals("sleep"));
      publish("a", request("a", MULTI_NODE_READER_ONLY, false, "noexec", "dev"));
      var seen = new MountTable(Files.readString(process.resolve("mountinfo")));
      assertThat(seen.at(targets.resolve("a")).orElseThrow().options())
          .contains("ro", "noexec", "nosuid")
          .doesNotContain("nodev");
      unpublish("a");
    } finally {
      other.destroyForcibly();
      node.kernel.detach(targets);
    }
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
