package io.juicebox.node.cgroup;

import static org.assertj.core.api.Assertions.assertThat;

import io.juicebox.node.cgroup.CgroupPlace.Version;
import io.juicebox.node.kernel.MountTable;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Texts as machines showed them, or as the kernel's documentation has them. */
class CgroupPlaceTest {
  private static final String HYBRID_MOUNTS =
      """
      31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
      32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu
      35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
      40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,name=systemd
      41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
      """;

  private static final String V2_MOUNT =
      "30 24 0:26 %s /sys/fs/cgroup %s,nosuid,nodev shared:9 - cgroup2 cgroup2 rw,nsdelegate\n";

  @Test
  void aHybridHasTheMemoryControllerInVersion1() {
    assertThat(
            place(
                """
                9:name=systemd:/
                8:pids:/
                4:memory:/process_api/880e
                1:cpu:/
                0::/
                """,
                HYBRID_MOUNTS))
        .contains(new CgroupPlace(Version.V1, Path.of("/sys/fs/cgroup/memory/process_api/880e")));
  }

  @Test
  void aContainerSeesItsOwnPartUnderTheWholePath() {
    String own = "/juicebox-kube0/kubepods/burstable/pod1234/abcd";
    assertThat(place("4:memory:" + own + "\n", v1(own)))
        .contains(new CgroupPlace(Version.V1, Path.of("/sys/fs/cgroup/memory")));
    assertThat(place("4:memory:" + own + "/inner\n", v1(own)))
        .contains(new CgroupPlace(Version.V1, Path.of("/sys/fs/cgroup/memory/inner")));
  }

  @Test
  void controllersMayShareAHierarchyOfVersion1() {
    assertThat(
            place(
                "6:cpuset,memory:/a\n",
                "35 31 0:32 / /cg\\040roups rw - cgroup cgroup rw,cpuset,memory\n"))
        .contains(new CgroupPlace(Version.V1, Path.of("/cg roups/a")));
  }

  @Test
  void aMachineWithVersion2Alone() {
    assertThat(place("0::/system.slice/a.service\n", V2_MOUNT.formatted("/", "rw")))
        .contains(new CgroupPlace(Version.V2, Path.of("/sys/fs/cgroup/system.slice/a.service")));
  }

  @Test
  void aCgroupNamespaceBeginsAtTheProcess() {
    assertThat(place("0::/\n", V2_MOUNT.formatted("/", "rw")))
        .contains(new CgroupPlace(Version.V2, Path.of("/sys/fs/cgroup")));
  }

  @Test
  void whatTheHostMountedIsNotTakenForOurs() {
    String hosts = "50 24 0:26 /../../.. /host rw - cgroup2 cgroup2 rw\n";
    assertThat(place("0::/\n", hosts)).isEmpty();
    assertThat(place("0::/\n", hosts + V2_MOUNT.formatted("/", "ro")))
        .contains(new CgroupPlace(Version.V2, Path.of("/sys/fs/cgroup")));
    assertThat(place("4:memory:/other\n", v1("/own"))).isEmpty();
  }

  @Test
  void oneThatCanBeWrittenIsPreferred() {
    assertThat(
            place(
                "0::/a\n",
                V2_MOUNT.formatted("/", "ro") + "60 24 0:26 / /writable rw - cgroup2 cgroup2 rw\n"))
        .contains(new CgroupPlace(Version.V2, Path.of("/writable/a")));
  }

  @Test
  void whereNoneIsMountedThereIsNone() {
    assertThat(place("4:memory:/\n", "27 1 254:0 / / rw - ext4 /dev/vda rw\n")).isEmpty();
    assertThat(place("", "")).isEmpty();
  }

  private static String v1(String root) {
    return "35 31 0:32 %s /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n"
        .formatted(root);
  }

  private static Optional<CgroupPlace> place(String cgroup, String mountinfo) {
    return CgroupPlace.of(cgroup, new MountTable(mountinfo));
  }
}
