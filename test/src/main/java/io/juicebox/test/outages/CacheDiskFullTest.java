package io.juicebox.test.outages;

import static org.assertj.core.api.Assertions.assertThat;

import io.juicebox.csi.spec.Volume;
import io.juicebox.csi.spec.VolumeCapability.AccessMode.Mode;
import io.juicebox.test.client.Requests;
import io.juicebox.test.server.Remains;
import io.juicebox.test.stack.LocalStack;
import io.juicebox.test.table.Table;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A volume whose cache lies on a disk without a free byte works, only slower. */
@Tag("outages")
@DisplayName("outages: the cache's disk is full")
final class CacheDiskFullTest {
  private static final Mode MODE = Mode.SINGLE_NODE_MULTI_WRITER;
  private static final Duration IO = Duration.ofSeconds(30);
  private static final Duration CLEAN = Duration.ofSeconds(20);
  private static final int DISK = 8 << 20;

  private static LocalStack stack;

  @BeforeAll
  static void start() {
    stack = LocalStack.start();
  }

  @AfterAll
  static void stop() {
    stack.close();
  }

  @BeforeEach
  void mountDisk() throws IOException {
    Files.createDirectories(disk());
    Program.run(IO, "mount", "-t", "tmpfs", "-o", "size=" + DISK, "tmpfs", disk().toString());
    Program.run(
        IO, "dd", "if=/dev/urandom", "of=" + original(), "bs=1M", "count=" + 2 * (DISK >> 20));
  }

  @AfterEach
  void unmountDisk() {
    Remains.unmount(disk());
  }

  @Test
  void fullBeforeTheVolumeIsPublished() {
    run("full before the publish", this::fill, () -> {});
  }

  @Test
  void fullWhileTheVolumeIsPublished() {
    run("full after the publish", () -> {}, this::fill);
  }

  private void run(String title, Runnable beforePublish, Runnable afterPublish) {
    var table = new Table("cache disk " + title, "step", "expected", "got", "ms");
    var before = stack.inventory();
    var volume = create(title.replace(' ', '-'));
    var target = stack.target(volume.getVolumeId());
    var file = target.resolve("file").toString();
    try {
      beforePublish.run();
      step(table, "NodePublishVolume", () -> publish(volume, target));
      afterPublish.run();
      step(table, "write 16 MiB and fsync", () -> write(file));
      step(table, "free bytes on the disk: 0", this::checkFull);
      step(table, "NodeUnpublishVolume", () -> unpublish(volume, target));
      fill();
      step(table, "NodePublishVolume, nothing cached", () -> publish(volume, target));
      step(table, "read and compare", () -> Program.run(IO, "cmp", original().toString(), file));
      step(table, "free bytes on the disk: 0", this::checkFull);
      delete(filler());
      step(table, "room again: write, fsync", () -> write(file));
      step(table, "NodeUnpublishVolume", () -> unpublish(volume, target));
      step(table, "DeleteVolume", () -> delete(volume));
      step(table, "files left on the disk: 0", () -> assertThat(disk()).isEmptyDirectory());
    } finally {
      table.print(System.out);
    }
    assertThat(stack.leftSince(before, CLEAN)).as("left").isEmpty();
  }

  /** A step that fails ends the test, and its row is missing. */
  private static void step(Table table, String what, Runnable action) {
    long start = System.nanoTime();
    action.run();
    table.add(what, "OK", "OK", (System.nanoTime() - start) / 1_000_000);
  }

  /** Takes every block that the disk has. */
  private void fill() {
    try (var dd = Program.start("dd", "if=/dev/zero", "of=" + filler(), "bs=4k")) {
      assertThat(dd.await(IO)).as("dd on a disk that is too small").isNotZero();
    }
    checkFull();
  }

  private void checkFull() {
    assertThat(disk().toFile().getUsableSpace()).as("free bytes on the cache's disk").isZero();
  }

  private void write(String file) {
    Program.run(IO, "dd", "if=" + original(), "of=" + file, "bs=1M", "conv=fsync");
  }

  private Volume create(String name) {
    var request =
        Requests.create(name, 1L << 30, MODE).toBuilder()
            .putParameters("cacheDir", disk().toString())
            .build();
    return stack.controller().client().controller().createVolume(request).getVolume();
  }

  private static void publish(Volume volume, Path target) {
    var request = Requests.publish(volume, target, MODE, stack.secrets());
    var _ = stack.node().client().node().nodePublishVolume(request);
  }

  private static void unpublish(Volume volume, Path target) {
    var request = Requests.unpublish(volume, target);
    var _ = stack.node().client().node().nodeUnpublishVolume(request);
  }

  private static void delete(Volume volume) {
    var _ = stack.controller().client().controller().deleteVolume(Requests.delete(volume));
  }

  private static void delete(Path file) {
    try {
      Files.delete(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path disk() {
    return stack.home().resolve("disk");
  }

  private static Path filler() {
    return disk().resolve("filler");
  }

  /** What is written to the volume. */
  private static Path original() {
    return stack.home().resolve("original");
  }
}
