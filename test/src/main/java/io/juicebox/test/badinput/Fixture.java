package io.juicebox.test.badinput;

import io.juicebox.csi.spec.Snapshot;
import io.juicebox.csi.spec.Volume;
import io.juicebox.csi.spec.VolumeCapability.AccessMode.Mode;
import io.juicebox.test.client.Requests;
import io.juicebox.test.stack.LocalStack;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * What the wrong calls find: volumes that are ready or published, a snapshot, and targets that are
 * taken.
 */
final class Fixture implements AutoCloseable {
  static final long BYTES = 64L << 20;
  static final Mode MODE = Mode.SINGLE_NODE_MULTI_WRITER;

  /** A backend that holds none of them. */
  static final String OTHER_BACKEND = "empty";

  private final LocalStack stack;
  private final Volume ready;
  private final Volume published;
  private final Snapshot snapshot;

  Fixture(LocalStack stack) throws IOException {
    this.stack = stack;
    this.ready = create("ready");
    this.published = create("published");
    var publish = Requests.publish(published, target("published"), MODE, stack.backend().secrets());
    var _ = stack.node().client().node().nodePublishVolume(publish);
    var take = Requests.snapshot("taken", published);
    this.snapshot = stack.controller().client().controller().createSnapshot(take).getSnapshot();
    Files.createFile(target("file"));
    Files.createDirectory(target("directory"));
    Files.createSymbolicLink(target("link"), target("directory"));
    Files.createSymbolicLink(target("dangling"), target("nowhere"));
    Files.createDirectory(target("full"));
    Files.createFile(target("full").resolve("content"));
    Files.createDirectory(target("foreign"));
    run("mount", "-t", "tmpfs", "-o", "size=64k", "foreign", target("foreign").toString());
  }

  private Volume create(String name) {
    var request = Requests.create(name, BYTES, MODE);
    return stack.controller().client().controller().createVolume(request).getVolume();
  }

  LocalStack stack() {
    return stack;
  }

  /** Is published nowhere. */
  Volume ready() {
    return ready;
  }

  /** Is published at the target of that name, writable. */
  Volume published() {
    return published;
  }

  /** Of the published one; is called {@code taken}. */
  Snapshot snapshot() {
    return snapshot;
  }

  /** A volume id that nobody has. */
  String nobody() {
    return "default-" + "0".repeat(20);
  }

  /** Volume ids that nobody has. */
  List<String> nobodies() {
    return List.of(
        nobody(),
        ready().getVolumeId() + "0",
        ready().getVolumeId().toUpperCase(Locale.ROOT),
        snapshot().getSnapshotId());
  }

  /**
   * A target path; {@code file}, {@code link}, {@code dangling}, {@code full}, {@code foreign} and
   * {@code published} are taken.
   */
  Path target(String name) {
    return stack.target(name);
  }

  @Override
  public void close() {
    run("umount", target("foreign").toString());
    stack.close();
  }

  private static void run(String... command) {
    try {
      var process = new ProcessBuilder(command).inheritIO().start();
      if (!process.waitFor(10, TimeUnit.SECONDS) || process.exitValue() != 0) {
        throw new IllegalStateException(String.join(" ", command) + " failed");
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
