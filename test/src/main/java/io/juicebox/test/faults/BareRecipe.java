package io.juicebox.test.faults;

import io.juicebox.csi.volume.VolumeContext;
import io.juicebox.test.server.Remains;
import io.juicebox.test.server.Tools;
import io.juicebox.test.server.Waiting;
import io.juicebox.test.stack.LocalStack;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A volume of the controller's that {@code test/faults/bare.py} mounts, with the driver's own
 * options and no driver: what remains of an outage when nobody looks after sessions, keys and
 * records.
 */
final class BareRecipe implements AutoCloseable {
  private static final Duration READY = Duration.ofSeconds(30);
  private static final Duration END = Duration.ofSeconds(30);
  private static final Duration POLL = Duration.ofMillis(10);

  private final Process process;
  private final Path output;
  private final Path target;

  private BareRecipe(Process process, Path output, Path target) {
    this.process = process;
    this.output = output;
    this.target = target;
  }

  /** Mounts it and waits until its root is the filesystem's. */
  static BareRecipe mount(LocalStack stack, LoadedVolume volume) {
    try {
      var directory = Files.createDirectory(stack.home().resolve("bare"));
      var target = Files.createDirectory(directory.resolve("mount"));
      var context = VolumeContext.from(volume.volume().getVolumeContextMap());
      var command = new ArrayList<String>();
      command.addAll(List.of(Tools.python().toString(), "-B", Load.script("bare").toString()));
      command.add(directory.resolve("fd.sock").toString());
      command.addAll(juicefs(stack, context, directory.resolve("cache"), target));
      var output = directory.resolve("pids");
      var builder =
          new ProcessBuilder(command)
              .redirectOutput(output.toFile())
              .redirectError(directory.resolve("log").toFile());
      builder.environment().putAll(environment(stack, directory));
      var recipe = new BareRecipe(builder.start(), output, target);
      if (!Waiting.until(() -> inode(target) == 1, READY, POLL)) {
        recipe.close();
        throw new AssertionError(Files.readString(directory.resolve("log")));
      }
      return recipe;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Path target() {
    return target;
  }

  /** The process that serves it now. */
  long juicefs() {
    try {
      return Long.parseLong(Files.readAllLines(output).getLast());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> juicefs(
      LocalStack stack, VolumeContext context, Path cache, Path target) {
    var backend = stack.backend();
    return List.of(
        Tools.program("juicefs").toString(),
        "--no-agent",
        "mount",
        "--backup-meta=0",
        "--no-usage-report",
        "--no-syslog",
        "--metrics=127.0.0.1:0",
        "--prefix-internal",
        "--hide-internal",
        "--max-deletes=0",
        "--enable-xattr",
        "--storage=minio",
        "--bucket=" + backend.minio().endpoint() + "/" + context.bucket(),
        "--buffer-size=64",
        "--cache-dir=" + cache,
        "--cache-size=1024",
        "--io-retries=22",
        "--max-uploads=8",
        "--max-downloads=16",
        "-o",
        "nodev,nosuid",
        backend.redis().address()
            + "/"
            + context.number()
            + "?max-retry-backoff=3s&read-timeout=60s",
        target.toString());
  }

  private static Map<String, String> environment(LocalStack stack, Path directory) {
    var backend = stack.backend();
    return Map.of(
        "JFS_SUPERVISOR",
        "1",
        "_FUSE_FD_COMM",
        directory.resolve("fd.sock").toString(),
        "_FUSE_STATE_PATH",
        directory.resolve("state").toString(),
        "GOMAXPROCS",
        "2",
        "GOMEMLIMIT",
        Long.toString(128 << 20),
        "META_PASSWORD",
        backend.redis().password(),
        "MINIO_ACCESS_KEY",
        backend.minio().accessKey(),
        "MINIO_SECRET_KEY",
        backend.minio().secretKey(),
        "AWS_EC2_METADATA_DISABLED",
        "true");
  }

  private static long inode(Path path) {
    try {
      return (Long) Files.getAttribute(path, "unix:ino");
    } catch (IOException e) {
      return -1;
    }
  }

  /** Unmounts it and ends its process; nobody may use it any more. */
  @Override
  public void close() {
    try {
      process.getOutputStream().close();
      if (!process.waitFor(END.toMillis(), TimeUnit.MILLISECONDS)) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        Remains.mountsBelow(target).forEach(Remains::unmount);
        throw new AssertionError("the bare recipe did not end in " + END);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
