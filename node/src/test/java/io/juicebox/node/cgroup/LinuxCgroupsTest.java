package io.juicebox.node.cgroup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.juicebox.csi.volume.BackendName;
import io.juicebox.csi.volume.VolumeId;
import io.juicebox.node.cgroup.CgroupPlace.Version;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Cgroups of this machine, below the one that the tests run in. */
@Tag("real")
class LinuxCgroupsTest {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final long LIMIT = 32L << 20;

  /** Several runs may be in one cgroup. */
  private static final String NAME = "test-of-limits-" + ProcessHandle.current().pid();

  private final VolumeId volume = VolumeId.random(new BackendName("default"));
  private final VolumeId neighbour = VolumeId.random(new BackendName("default"));
  private final List<Process> processes = new ArrayList<>();
  private VolumeCgroups cgroups;
  private CgroupPlace own;

  @BeforeEach
  void open() throws IOException {
    own = CgroupSearch.of("self").orElseThrow();
    cgroups = VolumeCgroups.ofThisProcess(NAME);
    assertThat(cgroups.state()).contains(holder().toString());
  }

  @AfterEach
  void close() {
    cgroups.volumes().forEach(cgroups::remove);
    cgroups.close();
    processes.forEach(Process::destroyForcibly);
    assertThat(holder()).doesNotExist();
  }

  @Test
  void theOneThatTakesTooMuchIsEndedAlone() throws Exception {
    cgroups.create(volume, LIMIT);
    cgroups.create(neighbour, LIMIT);
    Process greedy = when("exec python3 -c 'b = bytearray(256 << 20)'");
    Process modest = when("exec sleep 60");
    cgroups.add(volume, greedy.pid());
    cgroups.add(neighbour, modest.pid());
    go(greedy);
    go(modest);

    assertThat(greedy.waitFor()).isEqualTo(128 + 9);
    assertThat(cgroups.oomKills(volume)).isPositive();
    assertThat(modest.isAlive()).isTrue();
    assertThat(cgroups.oomKills(neighbour)).isZero();
    await().atMost(SOON).until(() -> cgroups.usage(neighbour).orElseThrow() > 0);
    assertThat(cgroups.usage(neighbour).orElseThrow()).isLessThanOrEqualTo(LIMIT);
  }

  @Test
  void aLimitMayGrowAndShrink() {
    for (long limit : new long[] {LIMIT, 4 * LIMIT, 4 * LIMIT, 2 * LIMIT}) {
      cgroups.create(volume, limit);
      assertThat(cgroups.limit(volume)).hasValue(limit);
    }
  }

  @Test
  void aLimitBelowWhatIsUsed() throws Exception {
    cgroups.create(volume, 4 * LIMIT);
    Process user = when("exec python3 -c 'b = b\"x\" * (64 << 20); input()'");
    cgroups.add(volume, user.pid());
    go(user);
    await().atMost(SOON).until(() -> cgroups.usage(volume).orElseThrow() > 2 * LIMIT);

    cgroups.create(volume, LIMIT);
    switch (own.version()) {
      case V1 -> {
        assertThat(user.isAlive()).isTrue();
        assertThat(cgroups.limit(volume)).hasValue(4 * LIMIT);
      }
      case V2 ->
          await().atMost(SOON).until(() -> !user.isAlive()); // memory.max: the kernel ends them
    }
  }

  @Test
  void aVolumeWithoutACgroupHasNothing() {
    assertThat(cgroups.limit(volume)).isEmpty();
    assertThat(cgroups.usage(volume)).isEmpty();
    assertThat(cgroups.oomKills(volume)).isZero();
    cgroups.remove(volume);
  }

  @Test
  void removalTakesWhatIsLeftAlong() throws Exception {
    cgroups.create(volume, LIMIT);
    Process left = when("trap '' TERM; sleep 60 & wait");
    cgroups.add(volume, left.pid());
    go(left);
    cgroups.remove(volume);
    cgroups.remove(volume);
    assertThat(left.waitFor()).isEqualTo(128 + 9);
    assertThat(cgroups.volumes()).isEmpty();
  }

  @Test
  void removalWaitsForAProcessThatIsEnding() throws Exception {
    cgroups.create(volume, 16 * LIMIT);
    Process large = when("exec python3 -c 'b = b\"x\" * (256 << 20); input()'");
    cgroups.add(volume, large.pid());
    go(large);
    await().atMost(SOON).until(() -> cgroups.usage(volume).orElseThrow() > 8 * LIMIT);
    large.destroyForcibly();
    cgroups.remove(volume); // the kernel frees its pages meanwhile
    assertThat(cgroups.volumes()).isEmpty();
  }

  @Test
  void aProcessThatHasEndedNeedsNone() throws Exception {
    cgroups.create(volume, LIMIT);
    Process ended = started("true");
    assertThat(ended.waitFor()).isZero();
    cgroups.add(volume, ended.pid());

    String fork = "import os, time; print(os.fork() or os._exit(0), flush=True); time.sleep(60)";
    Process careless = started("exec python3 -c '" + fork + "'");
    long zombie = Long.parseLong(careless.inputReader().readLine());
    await()
        .atMost(SOON)
        .until(() -> Files.readString(Path.of("/proc/" + zombie + "/stat")).contains(") Z "));
    cgroups.add(volume, zombie);
    cgroups.remove(volume);
  }

  @Test
  void theNextRunFindsTheVolumesOfTheLastAndNoOthers() {
    cgroups.create(volume, LIMIT);
    cgroups.create(neighbour, LIMIT);
    try (var next = VolumeCgroups.ofThisProcess(NAME);
        var other = VolumeCgroups.ofThisProcess(NAME + "-other")) {
      assertThat(next.volumes()).containsExactlyInAnyOrder(volume, neighbour);
      assertThat(next.limit(volume)).hasValue(LIMIT);
      assertThat(other.volumes()).isEmpty();
    }
    assertThat(cgroups.volumes()).hasSize(2);
  }

  @Test
  void aRunThatBeginsElsewhereBringsItsProcessesAlong() throws Exception {
    Path place = Files.createDirectory(own.directory().resolve("juicebox-" + NAME + "-before"));
    try {
      var before = CgroupSearch.at(new CgroupPlace(own.version(), place), "juicebox-" + NAME);
      before.create(volume, LIMIT);
      Process survivor = started("exec sleep 60");
      before.add(volume, survivor.pid());

      cgroups.add(volume, survivor.pid());
      assertThat(cgroups.limit(volume)).hasValue(LIMIT);
      assertThat(Files.readString(Path.of("/proc/" + survivor.pid() + "/cgroup")))
          .contains("/juicebox-" + NAME + "/" + volume);
      assertThat(survivor.isAlive()).isTrue();
      assertThat(place.resolve("juicebox-" + NAME)).doesNotExist();
    } finally {
      Files.delete(place);
    }
  }

  @Test
  void aFolderThatAnotherTookAwayIsMadeAgain() {
    VolumeCgroups.ofThisProcess(NAME).close();
    assertThat(holder()).doesNotExist();
    assertThat(cgroups.volumes()).isEmpty();
    cgroups.create(volume, LIMIT);
    assertThat(cgroups.limit(volume)).hasValue(LIMIT);
  }

  @Test
  void whereTheKernelRefusesNothingIsLimited() {
    var none = CgroupSearch.at(new CgroupPlace(Version.V1, Path.of("/proc/self")), NAME);
    assertThat(none.state()).startsWith("no volume's memory is limited: none can be made below");
    none.create(volume, LIMIT);
    none.add(volume, ProcessHandle.current().pid());
    none.remove(volume);
    assertThat(none.volumes()).isEmpty();
  }

  private Path holder() {
    return own.directory().resolve("juicebox-" + NAME);
  }

  /** A process that does something once it is told to. */
  private Process when(String script) throws IOException {
    return started("read -r _; " + script);
  }

  private Process started(String script) throws IOException {
    Process process = new ProcessBuilder("sh", "-c", script).start();
    processes.add(process);
    return process;
  }

  private static void go(Process process) throws IOException {
    process.outputWriter().append('\n').flush();
  }
}
