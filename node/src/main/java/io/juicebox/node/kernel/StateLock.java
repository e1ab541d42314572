package io.juicebox.node.kernel;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a second program off a state directory. The kernel takes it back when its holder ends, in
 * whatever way (fcntl(2), POSIX locks; they hold across containers).
 */
public final class StateLock implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StateLock.class);

  /** Of the program that owns the juicefs processes. */
  public static final String OF_MOUNTS = "mounts";

  /** Of a plugin whose mounts are another program's. */
  public static final String OF_PLUGIN = "node";

  private static final Duration LOOK = Duration.ofMillis(20);
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final FileChannel channel;

  private StateLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Waits until the program that has it has ended: where a pod is deleted by force, that lives on
   * for a while beside its successor.
   *
   * @param directory is made if it isn't there
   * @param name of the lock: who shares a directory has a lock of its own
   * @throws IOException when another program has it for longer than a minute
   */
  public static StateLock take(Path directory, String name) throws IOException {
    return take(directory, name, PATIENCE);
  }

  static StateLock take(Path directory, String name, Duration patience) throws IOException {
    Path file = Files.createDirectories(directory).resolve(name + ".lock");
    var channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      Deadline end = Deadline.after(patience);
      boolean told = false;
      while (channel.tryLock() == null) {
        if (end.passed()) {
          throw new IOException(
              "another program has had %s for %d s: two must not share a STATE_DIR"
                  .formatted(file, patience.toSeconds()));
        }
        if (!told) {
          LOG.info("waiting for the program that has {} to end", file);
          told = true;
        }
        LockSupport.parkNanos(LOOK.toNanos());
      }
      return new StateLock(channel);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
