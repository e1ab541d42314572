package io.juicebox.node.publish;

import static io.juicebox.csi.volume.AccessMode.MULTI_NODE_READER_ONLY;
import static io.juicebox.csi.volume.AccessMode.SINGLE_NODE_MULTI_WRITER;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.juicebox.csi.status.DriverException.Late;
import io.juicebox.csi.volume.AccessMode;
import io.juicebox.csi.volume.MountOptions;
import io.juicebox.csi.volume.RootDirectory;
import io.juicebox.test.server.Signals;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The group that a pod asks for with fsGroup. */
class PublishingGroupTest extends PublishingScene {
  private static final AccessMode MODE = SINGLE_NODE_MULTI_WRITER;

  /** A root that only its owner may write in, as the StorageClass parameter mode makes one. */
  @BeforeEach
  void narrowTheRoot() throws IOException {
    Files.setPosixFilePermissions(
        directory.path(), PosixFilePermissions.fromString("rwxr-xr-x")); // for other users
    publish("first", withoutGroup("first"));
    Files.setAttribute(targets.resolve("first"), "unix:mode", 0755);
  }

  @Test
  void podMayWriteWithItsGroupOnly() throws Exception {
    Path first = targets.resolve("first");
    assertThat(as(List.of(2000), "touch", first + "/early")).contains("Permission denied");
    publish("a", ofGroup("a", 2000));
    Path a = targets.resolve("a");
    assertThat(as(List.of(2000), "mkdir", a + "/folder")).isEmpty();
    assertThat(as(List.of(2000), "touch", a + "/folder/file")).isEmpty();
    assertThat(as(List.of(3000), "touch", a + "/late")).contains("Permission denied");
    assertThat(state(a)).isEqualTo("2000 2775");
    assertThat(state(a.resolve("folder"))).startsWith("2000 2");
    assertThat(state(a.resolve("folder/file"))).startsWith("2000 ");
  }

  @Test
  void whatLiesInTheVolumeStaysAsItIs() throws Exception {
    Path folder = Files.createDirectory(targets.resolve("first/folder"));
    Files.setAttribute(folder, "unix:mode", 0700);
    Object before = Files.getAttribute(folder, "unix:ctime");
    publish("a", ofGroup("a", 2000));
    assertThat(Files.getAttribute(folder, "unix:ctime")).isEqualTo(before);
    assertThat(state(folder)).isEqualTo("0 700");
  }

  @Test
  void sameGroupAgainChangesNothing() throws Exception {
    publish("a", ofGroup("a", 2000));
    Object before = changed();
    publish("a", ofGroup("a", 2000));
    publish("b", ofGroup("b", 2000));
    restart();
    publish("a", ofGroup("a", 2000));
    publish("c", ofGroup("c", 2000));
    assertThat(changed()).isEqualTo(before);
  }

  @Test
  void lastPublicationWinsAndARepetitionIsNone() throws Exception {
    publish("a", ofGroup("a", 2000));
    publish("b", ofGroup("b", 3000));
    assertThat(state(targets.resolve("a"))).isEqualTo("3000 2775");
    publish("a", ofGroup("a", 2000)); // as the kubelet does every minute or so
    assertThat(state(targets.resolve("a"))).isEqualTo("3000 2775");
    unpublish("a");
    publish("a", ofGroup("a", 2000));
    assertThat(state(targets.resolve("a"))).isEqualTo("2000 2775");
  }

  @Test
  void otherBitsStay() throws Exception {
    Files.setAttribute(targets.resolve("first"), "unix:mode", 01705);
    publish("a", ofGroup("a", 0));
    assertThat(state(targets.resolve("a"))).isEqualTo("0 3775");
  }

  @Test
  void largestGroupIsAGroup() throws Exception {
    publish("a", ofGroup("a", RootDirectory.LARGEST_ID));
    assertThat(as(List.of(), "stat", "-c", "%g", targets.resolve("a").toString()))
        .isEqualTo("4294967294\n");
    Object before = changed();
    publish("b", ofGroup("b", RootDirectory.LARGEST_ID));
    assertThat(changed()).isEqualTo(before);
  }

  @Test
  void readersChangeNothing() throws Exception {
    Object before = changed();
    publish("ro", request("ro", MODE, true, 2000));
    publish("rom", request("rom", MULTI_NODE_READER_ONLY, false, 2000));
    assertThat(changed()).isEqualTo(before);
  }

  @Test
  void volumeThatHangsIsToldInTime() throws Exception {
    long pid = mount().pid();
    at(PublishStep.TARGET_CREATED, () -> Signals.stop(pid));
    try {
      assertThatThrownBy(() -> publish("a", ofGroup("a", 2000)))
          .isInstanceOf(Late.class)
          .hasMessageContaining("giving the root to a group");
      assertThat(targets.resolve("a")).doesNotExist();
    } finally {
      Signals.resume(pid);
    }
    // The look that hung may take a moment to end; a CO calls again, too.
    await()
        .ignoreExceptionsInstanceOf(Late.class)
        .untilAsserted(() -> publish("a", ofGroup("a", 2000)));
    assertThat(state(targets.resolve("a"))).isEqualTo("2000 2775");
  }

  @Test
  void processThatDiesMeanwhileIsReplaced() throws Exception {
    long pid = mount().pid();
    at(PublishStep.TARGET_CREATED, () -> Signals.kill(pid));
    publish("a", ofGroup("a", 2000));
    assertThat(state(targets.resolve("a"))).isEqualTo("2000 2775");
  }

  private PublishRequest withoutGroup(String name) {
    return new PublishRequest(
        volume.volume(),
        target(name),
        new Arguments(MODE, false, MountOptions.none(), volume.context(), Optional.empty()),
        volume.backend());
  }

  private PublishRequest ofGroup(String name, long group) {
    return request(name, MODE, false, group);
  }

  private PublishRequest request(String name, AccessMode mode, boolean readOnly, long group) {
    return new PublishRequest(
        volume.volume(),
        target(name),
        new Arguments(
            mode,
            readOnly,
            MountOptions.none(),
            volume.context(),
            Optional.of(new MountGroup(group))),
        volume.backend());
  }

  private Object changed() throws IOException {
    return Files.getAttribute(targets.resolve("first"), "unix:ctime");
  }

  /** Group and mode as {@code ls} knows them. */
  private static String state(Path path) throws IOException {
    int mode = (int) Files.getAttribute(path, "unix:mode") & 07777;
    return "%s %o".formatted(Files.getAttribute(path, "unix:gid"), mode);
  }

  /** What a program says that runs as a pod's user with these groups beside its own. */
  private static String as(List<Integer> groups, String... command) throws Exception {
    String own = String.join(",", groups.stream().map(String::valueOf).toList());
    var whole =
        Stream.concat(
            Stream.of("setpriv", "--reuid=1000", "--regid=1000"),
            Stream.concat(
                Stream.of(groups.isEmpty() ? "--clear-groups" : "--groups=" + own),
                Stream.of(command)));
    Process process = new ProcessBuilder(whole.toList()).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    process.waitFor();
    return said;
  }
}
