package io.juicebox.node.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.juicebox.test.input.Texts;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Whatever others have mounted, at whatever path. */
final class MountInfoPropertiesTest {
  private static final String LINE =
      "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - fuse.juicefs JuiceFS:x rw,errors=continue";

  /** Writes what the kernel does: mangle() of fs/proc_namespace.c. */
  private static String mangled(String text) {
    return text.chars()
        .mapToObj(
            c -> " \t\n\\#".indexOf(c) >= 0 ? "\\%03o".formatted(c) : String.valueOf((char) c))
        .collect(Collectors.joining());
  }

  private static String line(MountInfo mount, List<String> optionalFields) {
    return String.join(
        " ",
        List.of(
            mount.id() + " " + mount.parent(),
            mount.device(),
            mangled(mount.root()),
            mangled(mount.mountPoint()),
            String.join(",", mount.options()),
            String.join(" ", optionalFields) + (optionalFields.isEmpty() ? "-" : " -"),
            mangled(mount.type()),
            mangled(mount.source()),
            String.join(",", mount.filesystemOptions())));
  }

  /** Of whole characters, as all text is that was read as UTF-8. */
  @Provide
  Arbitrary<String> paths() {
    return Arbitraries.oneOf(
            Arbitraries.strings().withChars(" \t\n\\#/ab\r\u00e9\u2028").ofMaxLength(20),
            Texts.any().filter(text -> text.length() < 100).map(MountInfoPropertiesTest::whole))
        .map(text -> "/" + text.replace("\0", ""))
        .filter(path -> !path.endsWith("//deleted"));
  }

  private static String whole(String text) {
    return text.codePoints()
        .filter(c -> Character.getType(c) != Character.SURROGATE)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }

  @Provide
  Arbitrary<MountInfo> mounts() {
    Arbitrary<Set<String>> options =
        Arbitraries.of("rw", "ro", "nodev", "nosuid", "memory", "errors=continue")
            .set()
            .ofMinSize(1);
    return Combinators.combine(
            Arbitraries.integers().between(1, Integer.MAX_VALUE),
            Arbitraries.of("0:51", "8:1", "259:1048575"),
            paths(),
            paths(),
            options,
            Arbitraries.of("ext4", "fuse.juicefs", "fuse.a b", "cgroup2"),
            Arbitraries.of("JuiceFS:default-x", "/dev/sda1", "none", "", "-", "a b"),
            options)
        .as((id, device, root, point, own, type, source, filesystem) ->
            new MountInfo(id, 1, device, root, point, own, type, source, filesystem));
  }

  @Provide
  Arbitrary<List<String>> optionalFields() {
    return Arbitraries.of("shared:1", "master:22", "propagate_from:3", "unbindable")
        .list()
        .ofMaxSize(3);
  }

  @Provide
  Arbitrary<String> nearlyLines() {
    return Arbitraries.oneOf(Texts.any(), Texts.near(Arbitraries.just(LINE)));
  }

  @Property
  void whatTheKernelWritesIsReadBack(
      @ForAll("mounts") MountInfo mount, @ForAll("optionalFields") List<String> optionalFields) {
    assertThat(MountInfo.parse(line(mount, optionalFields))).isEqualTo(mount);
  }

  @Property
  void anyOtherLineIsReadOrRefused(@ForAll("nearlyLines") String line) {
    var refusal = catchThrowable(() -> MountInfo.parse(line));
    assertThat(refusal == null || refusal instanceof IllegalArgumentException)
        .as(() -> String.valueOf(refusal))
        .isTrue();
  }

  /** However odd the others' paths are, each mount is found where it is, and nothing elsewhere. */
  @Property
  void eachMountIsFoundAtItsPath(@ForAll("tables") List<MountInfo> mounts) {
    var table =
        new MountTable(
            mounts.stream()
                .map(mount -> line(mount, List.of()) + "\n")
                .collect(Collectors.joining()));
    assertThat(table.mounts()).containsExactlyElementsOf(mounts);
    for (MountInfo mount : mounts) {
      Path path = Path.of(mount.mountPoint());
      if (path.toString().equals(mount.mountPoint())) {
        assertThat(table.stackedAt(path)).contains(mount);
        assertThat(table.isMountedIn(path)).isTrue();
      }
      assertThat(table.ofDevice(mount.device())).contains(mount);
    }
  }

  @Provide
  Arbitrary<List<MountInfo>> tables() {
    return mounts().list().ofMaxSize(5);
  }
}
