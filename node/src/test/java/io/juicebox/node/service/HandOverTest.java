package io.juicebox.node.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.juicebox.node.kernel.LinuxKernel;
import io.juicebox.node.kernel.MountInfo;
import io.juicebox.node.kernel.MountTable;
import io.juicebox.node.mount.Mount;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class HandOverTest {
  private final LinuxKernel kernel = new LinuxKernel();
  private final TestingMountService mounts = new TestingMountService();

  @Test
  void unusedMountsLeaveAtOnce() {
    mounts.mounts.put(Samples.VOLUME, Samples.mount(Samples.VOLUME)); // of no device there is

    long began = System.nanoTime();
    new HandOver(kernel, mounts, Duration.ofSeconds(60)).run();

    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(30));
    assertThat(mounts.handedOver)
        .singleElement()
        .satisfies(
            time -> assertThat(time).isBetween(Duration.ofSeconds(30), Duration.ofSeconds(57)));
  }

  @Test
  void usedMountsLeaveInTheLastFifteenSeconds() {
    MountInfo any = kernel.mounts().mounts().findFirst().orElseThrow();
    mounts.mounts.put(Samples.VOLUME, mount(any.device(), Path.of("/elsewhere")));

    long began = System.nanoTime();
    new HandOver(kernel, mounts, Duration.ofMillis(16_500)).run();

    assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThan(Duration.ofSeconds(1));
    assertThat(mounts.handedOver)
        .singleElement()
        .satisfies(
            time -> assertThat(time).isBetween(Duration.ofSeconds(2), Duration.ofSeconds(12)));
  }

  @Test
  void whatIsBoundToAMountIsItsUseAndTheMountItselfIsNone() {
    String own = "30 20 0:50 / /state/mount rw - fuse.juicefs JuiceFS:v rw\n";
    String bound = "31 20 0:50 /sub /pods/target rw - fuse.juicefs JuiceFS:v rw\n";
    String other = "32 20 0:51 / /pods/other rw - fuse.juicefs JuiceFS:w rw\n";
    var mounted = List.of(mount("0:50", Path.of("/state/mount")));

    assertThat(HandOver.isUsed(new MountTable(own + other), mounted)).isFalse();
    assertThat(HandOver.isUsed(new MountTable(own + bound + other), mounted)).isTrue();
    assertThat(HandOver.isUsed(new MountTable(own + bound + other), List.of())).isFalse();
  }

  private static Mount mount(String device, Path directory) {
    return new Mount(
        Samples.VOLUME, directory, device, Samples.ID, 100, new TreeMap<>(), Optional.empty());
  }
}
