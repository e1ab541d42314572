package io.juicebox.node.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MountInfoTest {
  private static final String FUSE =
      "45 27 0:42 / /s/mount rw,nosuid,nodev,relatime - fuse.juicefs JuiceFS:vol-a"
          + " rw,user_id=0,group_id=0,default_permissions,allow_other,max_read=131072";

  @Test
  void readsEachField() {
    assertThat(MountInfo.parse(FUSE))
        .isEqualTo(
            new MountInfo(
                45,
                27,
                "0:42",
                "/",
                "/s/mount",
                Set.of("rw", "nosuid", "nodev", "relatime"),
                "fuse.juicefs",
                "JuiceFS:vol-a",
                Set.of(
                    "rw",
                    "user_id=0",
                    "group_id=0",
                    "default_permissions",
                    "allow_other",
                    "max_read=131072")));
  }

  @ParameterizedTest
  @CsvSource({
    "''",
    "' shared:1'",
    "' shared:12 master:3'",
    "' master:3 propagate_from:2'",
    "' unbindable'"
  })
  void skipsAnyNumberOfOptionalFields(String optional) {
    MountInfo mount =
        MountInfo.parse(
            "1 0 8:1 / /a rw,noatime" + optional + " - ext4 /dev/sda1 rw,errors=remount-ro");

    assertThat(mount.type()).isEqualTo("ext4");
    assertThat(mount.source()).isEqualTo("/dev/sda1");
    assertThat(mount.filesystemOptions()).containsExactlyInAnyOrder("rw", "errors=remount-ro");
  }

  @ParameterizedTest
  @CsvSource({
    "/a\\040b, /a b",
    "/tab\\011, '/tab\t'",
    "/line\\012end, '/line\nend'",
    "/back\\134slash, /back\\slash",
    "/back\\134040, /back\\040",
    "/hash\\043, /hash#",
    "/ä\\040ö, /ä ö",
    "/short\\04, /short\\04"
  })
  void undoesTheKernelsEscapes(String field, String path) {
    assertThat(MountInfo.parse("1 0 8:1 / " + field + " rw - ext4 /dev/sda1 rw").mountPoint())
        .isEqualTo(path);
  }

  @Test
  void aDeletedDirectoryHasItsPath() {
    MountInfo mount = MountInfo.parse("1 0 8:1 /r//deleted /a//deleted rw - ext4 /dev/sda1 rw");

    assertThat(mount.mountPoint()).isEqualTo("/a");
    assertThat(mount.root()).isEqualTo("/r");
  }

  @Test
  void anEmptySourceIsASource() {
    assertThat(MountInfo.parse("1 0 0:5 / /a rw - tmpfs  rw").source()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "1 0 8:1 / /a rw", "1 0 8:1 / /a - ext4 x rw", "1 0 8:1 / /a rw - ext4"})
  void refusesWhatIsNoLineOfMountinfo(String line) {
    assertThatThrownBy(() -> MountInfo.parse(line)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void ofAStackTheTopmostIsMet() {
    var table =
        new MountTable(
            """
            1 0 8:1 / /a ro - ext4 /dev/sda1 rw
            2 1 0:42 / /a rw - fuse.juicefs JuiceFS:v rw
            3 0 0:42 / /pod/volume ro - fuse.juicefs JuiceFS:v rw
            4 0 0:43 / /ab rw - fuse.juicefs JuiceFS:w rw
            """);

    assertThat(table.at(Path.of("/a")).orElseThrow().id()).isEqualTo(2);
    assertThat(table.at(Path.of("/b"))).isEmpty();
    assertThat(table.ofDevice("0:42")).extracting(MountInfo::id).containsExactly(2, 3);
    assertThat(table.at(Path.of("/pod/volume")).orElseThrow().has(MountFlag.READ_ONLY)).isTrue();
    assertThat(table.at(Path.of("/a")).orElseThrow().has(MountFlag.READ_ONLY)).isFalse();
  }

  @Test
  void aPathIsFoundAlsoWhereTheKernelEscapesIt() {
    var table =
        new MountTable(
            """
            1 0 8:1 / /pods/a\\040b/mount rw - ext4 /dev/sda1 rw
            2 0 8:1 / /pods/c//deleted rw - ext4 /dev/sda1 rw
            """);

    assertThat(table.at(Path.of("/pods/a b/mount"))).isPresent();
    assertThat(table.at(Path.of("/pods/c"))).isPresent();
    assertThat(table.isMountedIn(Path.of("/pods/a b"))).isTrue();
    assertThat(table.isMountedIn(Path.of("/pods/a"))).isFalse();
  }

  @Test
  void aLineThatNobodyAsksForCanNotFailAQuestion() {
    var table = new MountTable("1 0 8:1 / /odd\rpath\n2 0 8:1 / /\ra rw - ext4 /dev/sda1 rw\n");

    assertThat(table.at(Path.of("/\ra"))).isPresent();
  }
}
