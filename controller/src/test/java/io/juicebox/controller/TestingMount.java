package io.juicebox.controller;

import static org.assertj.core.api.Assertions.assertThat;

import io.juicebox.csi.volume.Number;
import io.juicebox.test.server.Remains;
import io.juicebox.test.server.RunningProgram;
import io.juicebox.test.server.TestingMinio;
import io.juicebox.test.server.TestingRedis;
import io.juicebox.test.server.Tools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** A filesystem that the real juicefs mounted, with the options that the node gives it. */
public record TestingMount(Path root, RunningProgram program) {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  /** Mounts the filesystem in a number at the folder {@code root} of a directory. */
  public static TestingMount start(
      TestingRedis redis, TestingMinio minio, Number number, Path directory) throws IOException {
    Path root = Files.createDirectories(directory.resolve("root"));
    var program =
        RunningProgram.start(
            "juicefs",
            directory,
            List.of(
                Tools.program("juicefs").toString(),
                "--no-agent",
                "mount",
                "--backup-meta",
                "0",
                "--no-usage-report",
                "--metrics",
                "127.0.0.1:0",
                "--no-syslog",
                "--max-deletes",
                "0",
                "--heartbeat",
                "1s",
                "--enable-xattr",
                "--cache-dir",
                directory.resolve("cache").toString(),
                redis.address() + "/" + number,
                root.toString()),
            environment(redis, minio));
    program.awaitReady(LIMIT, () -> inode(root) == 1);
    return new TestingMount(root, program);
  }

  /** The keys as juicefs takes them. */
  public static Map<String, String> environment(TestingRedis redis, TestingMinio minio) {
    return Map.of(
        "JFS_SUPERVISOR",
        "1",
        "META_PASSWORD",
        redis.password(),
        "MINIO_ACCESS_KEY",
        minio.accessKey(),
        "MINIO_SECRET_KEY",
        minio.secretKey(),
        "AWS_EC2_METADATA_DISABLED",
        "true");
  }

  private static long inode(Path path) {
    try {
      return (Long) Files.getAttribute(path, "unix:ino");
    } catch (IOException e) {
      return 0;
    }
  }

  /** Unmounts it in order; its session ends. */
  public void end() throws Exception {
    assertThat(new ProcessBuilder("umount", root.toString()).start().waitFor()).isZero();
    assertThat(program.awaitEnd(LIMIT)).isTrue();
  }

  /** The client dies; its session stays. */
  public void kill() {
    program.kill();
    Remains.mountsBelow(root).forEach(Remains::unmount);
  }
}
