package io.juicebox.test.bench;

import io.juicebox.test.server.Command;
import io.juicebox.test.server.RandomText;
import io.juicebox.test.server.Remains;
import io.juicebox.test.server.RunningProgram;
import io.juicebox.test.server.Tools;
import io.juicebox.test.stack.Backend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What an operator without a driver would run: {@code juicefs format} and {@code juicefs mount},
 * with the same options as ours.
 */
public final class BareJuicefs {
  private static final Duration READY = Duration.ofSeconds(30);
  private static final Duration FSCK = Duration.ofMinutes(2);

  private final Backend backend;
  private final Path directory;

  public BareJuicefs(Backend backend, Path directory) {
    this.backend = backend;
    this.directory = directory;
  }

  /** Formats a volume of 1 GiB in one Redis number. */
  public void format(int number) throws IOException, InterruptedException {
    var command =
        List.of(
            Tools.program("juicefs").toString(),
            "--no-agent",
            "format",
            "--storage=minio",
            "--bucket=" + backend.minio().endpoint() + "/" + backend.bucket(),
            "--no-update",
            "--trash-days=0",
            "--capacity=1",
            metadata(number),
            "bare-" + RandomText.of(8));
    var builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("format.log").toFile());
    builder.environment().putAll(environment());
    if (builder.start().waitFor() != 0) {
      throw new IllegalStateException(Files.readString(directory.resolve("format.log")));
    }
  }

  /** Mounts it and waits until its root is the filesystem's. */
  public RunningProgram mount(int number) throws IOException {
    var target = Files.createDirectories(target(number));
    var command =
        List.of(
            Tools.program("juicefs").toString(),
            "--no-agent",
            "mount",
            "--backup-meta=0",
            "--no-usage-report",
            "--metrics=127.0.0.1:0",
            "--buffer-size=64",
            "--prefix-internal",
            "--hide-internal",
            "--no-syslog",
            "--max-deletes=0",
            "--enable-xattr",
            "--cache-dir=" + directory.resolve("cache-" + number),
            metadata(number),
            target.toString());
    var program = RunningProgram.start("mount-" + number, directory, command, environment());
    program.awaitReady(READY, () -> inode(target) == 1);
    return program;
  }

  /** Checks a filesystem, whoever formatted it; fails when blocks of its files are missing. */
  public void fsck(int number) {
    var command = new ArrayList<>(List.of("env"));
    environment().forEach((name, value) -> command.add(name + "=" + value));
    command.addAll(
        List.of(Tools.program("juicefs").toString(), "--no-agent", "fsck", metadata(number)));
    Command.run(FSCK, command);
  }

  /** Unmounts it and waits for the process. */
  public void unmount(int number, RunningProgram program) {
    Remains.mountsBelow(target(number)).forEach(Remains::unmount);
    program.awaitEnd(READY);
  }

  /** Where it is mounted. */
  public Path target(int number) {
    return directory.resolve("bare-" + number);
  }

  private String metadata(int number) {
    return backend.redis().address() + "/" + number;
  }

  private Map<String, String> environment() {
    return Map.of(
        "META_PASSWORD",
        backend.redis().password(),
        "MINIO_ACCESS_KEY",
        backend.minio().accessKey(),
        "MINIO_SECRET_KEY",
        backend.minio().secretKey(),
        "AWS_EC2_METADATA_DISABLED",
        "true",
        "JFS_NO_CHECK_OBJECT_STORAGE",
        "1",
        "JFS_SUPERVISOR",
        "1");
  }

  private static long inode(Path path) {
    try {
      return (Long) Files.getAttribute(path, "unix:ino");
    } catch (IOException e) {
      return -1;
    }
  }
}
