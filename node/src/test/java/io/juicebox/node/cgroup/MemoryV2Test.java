package io.juicebox.node.cgroup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.juicebox.csi.volume.BackendName;
import io.juicebox.csi.volume.VolumeId;
import io.juicebox.node.cgroup.CgroupPlace.Version;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which files are written, on folders that look like cgroups of version 2. */
class MemoryV2Test {
  private static final long LIMIT = 32L << 20;
  private static final String NAME = "juicebox-a";
  private static final String SELF = Long.toString(ProcessHandle.current().pid());

  private final VolumeId volume = VolumeId.random(new BackendName("default"));
  @TempDir private Path own;

  @BeforeEach
  void layOut() throws IOException {
    file("cgroup.controllers", "cpu memory pids\n");
    file("cgroup.subtree_control", "");
    file("cgroup.events", "populated 1\n");
    file("cgroup.procs", SELF + "\n");
    file(NAME + "-service/cgroup.procs", "");
    file(NAME + "/cgroup.subtree_control", "");
    file(volume("memory.max"), "max\n");
    file(volume("memory.swap.max"), "max\n");
    file(volume("memory.oom.group"), "0\n");
    file(volume("memory.events"), "low 0\noom 2\noom_kill 1\noom_group_kill 1\n");
    file(volume("memory.current"), "4096\n");
  }

  @Test
  void theProcessMovesIntoALeafAndTheControllerIsHandedDown() {
    assertThat(below(own)).isInstanceOf(LinuxCgroups.class);
    assertThat(own.resolve(NAME + "-service/cgroup.procs")).content().startsWith(SELF);
    assertThat(own.resolve("cgroup.subtree_control")).hasContent("+memory");
    assertThat(own.resolve(NAME + "/cgroup.subtree_control")).hasContent("+memory");
  }

  @Test
  void oneThatHandsItDownAlreadyStaysAsItIs() throws IOException {
    file("cgroup.subtree_control", "cpu memory\n");
    assertThat(below(own)).isInstanceOf(LinuxCgroups.class);
    assertThat(own.resolve(NAME + "-service/cgroup.procs")).isEmptyFile();
    assertThat(own.resolve("cgroup.subtree_control")).hasContent("cpu memory");
  }

  @Test
  void nobodyLeavesTheMachinesRoot() throws IOException {
    Files.delete(own.resolve("cgroup.events"));
    assertThat(below(own)).isInstanceOf(LinuxCgroups.class);
    assertThat(own.resolve(NAME + "-service/cgroup.procs")).isEmptyFile();
    assertThat(own.resolve("cgroup.subtree_control")).hasContent("+memory");
  }

  @Test
  void nobodyMovesWhereTheControllerIsNotGiven() throws IOException {
    file("cgroup.controllers", "cpu pids\n");
    assertThat(below(own)).isInstanceOf(NoCgroups.class);
    assertThat(below(own).state()).contains("not given the memory controller");
    assertThat(own.resolve(NAME + "-service/cgroup.procs")).isEmptyFile();
  }

  @Test
  void aSuccessorStartedInTheLeafFindsTheSameVolumes() throws IOException {
    file("cgroup.subtree_control", "memory\n");
    assertThat(below(own.resolve(NAME + "-service")).volumes()).containsExactly(volume);
  }

  @Test
  void limitsAndCountersHaveFilesOfTheirOwn() {
    VolumeCgroups cgroups = below(own);
    assertThat(cgroups.limit(volume)).isEmpty();
    cgroups.create(volume, LIMIT);

    assertThat(own.resolve(volume("memory.max"))).content().startsWith(Long.toString(LIMIT));
    assertThat(own.resolve(volume("memory.swap.max"))).content().startsWith("0");
    assertThat(own.resolve(volume("memory.oom.group"))).content().startsWith("1");
    assertThat(cgroups.limit(volume)).hasValue(LIMIT);
    assertThat(cgroups.usage(volume)).hasValue(4096);
    assertThat(cgroups.oomKills(volume)).isEqualTo(1);
    assertThat(cgroups.volumes()).containsExactly(volume);
  }

  @Test
  void whatIsLeftIsEndedAtOnceWhereTheKernelCan() throws IOException {
    file(volume("cgroup.kill"), "");
    new Cgroup(own.resolve(volume("memory.max")).resolveSibling("")).kill();
    assertThat(own.resolve(volume("cgroup.kill"))).hasContent("1");
  }

  @Test
  void aRefusedWriteNamesTheFile() throws IOException {
    Files.createDirectory(own.resolve("memory.high"));
    assertThatThrownBy(() -> new Cgroup(own).write("memory.high", "7"))
        .hasMessageContaining(own + "/memory.high can't be 7");
  }

  private static VolumeCgroups below(Path directory) {
    return CgroupSearch.at(new CgroupPlace(Version.V2, directory), NAME);
  }

  private String volume(String file) {
    return NAME + "/" + volume + "/" + file;
  }

  private void file(String name, String text) throws IOException {
    Path file = own.resolve(name);
    Files.createDirectories(file.resolveSibling(""));
    Files.writeString(file, text);
  }
}
