package io.juicebox.node.kernel;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a second program of its kind off a state directory. The kernel takes it back when its
 * holder ends, in whatever way, or closes any descriptor of the file (fcntl(2), POSIX locks; they
 * hold across containers).
 */
public final class StateLock implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StateLock.class);

  private static final Set<StandardOpenOption> OPTIONS =
      Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE);
  private static final Duration LOOK = Duration.ofMillis(20);
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** Nobody else may even read it: who can, can lock it. */
  private static final FileAttribute<?> PRIVATE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  private final FileChannel channel;

  /** What a program does with a state directory; one program may do both. */
  public enum Kind {
    /** It owns the juicefs processes and their mounts. */
    MOUNTS,
    /** It publishes volumes. */
    PLUGIN
  }

  private StateLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Waits until the program that has it has ended: where a pod is deleted by force, that lives on
   * for a while beside its successor.
   *
   * @param directory is made if it isn't there
   * @throws IOException when another program has it for longer than a minute
   */
  public static StateLock take(Path directory, Kind kind) throws IOException {
    return take(directory, kind, PATIENCE);
  }

  static StateLock take(Path directory, Kind kind, Duration patience) throws IOException {
    String name = kind.name().toLowerCase(Locale.ROOT) + ".lock";
    Path file = Files.createDirectories(directory).resolve(name);
    var channel = FileChannel.open(file, OPTIONS, PRIVATE);
    try {
      Deadline end = Deadline.after(patience);
      boolean told = false;
      while (channel.tryLock() == null) {
        if (end.passed()) {
          throw new IOException(
              ("another program has had %s for %d s, and two must not share a STATE_DIR; one that was"
                      + " killed has it until no juicefs hangs that it has asked for something")
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
