package io.juicebox.csi.ops;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/**
 * The named points between two side effects of an operation, where a crash must do no harm.
 *
 * <p>In production reaching one does nothing. Tests of crashes set {@code JUICEBOX_PAUSE_DIR}: when
 * the folder holds a file of the step's name, the thread renames it to {@code <step>.reached} and
 * stays there as long as that is there, so that the test can kill the process at that very point,
 * or do something else and let it go on.
 */
@FunctionalInterface
public interface Steps {
  /** Tests set it; operators don't. */
  String SETTING = "JUICEBOX_PAUSE_DIR";

  /** How often a thread that is held looks whether it may go on. */
  Duration POLL = Duration.ofMillis(5);

  /** A point that an operation has reached; each program lists its own in an enum. */
  interface Step {
    /** {@code operation.what-was-just-done}, the name of the file that pauses here. */
    String label();
  }

  /** An operation has just done what the step says. */
  void reached(Step step);

  /** Production's form unless the environment asks for pauses. */
  static Steps from(Map<String, String> environment) {
    String folder = environment.get(SETTING);
    return folder == null ? step -> {} : step -> pause(Path.of(folder), step);
  }

  private static void pause(Path folder, Step step) {
    Path held = folder.resolve(step.label() + ".reached");
    try {
      Files.move(folder.resolve(step.label()), held, StandardCopyOption.ATOMIC_MOVE);
    } catch (NoSuchFileException e) {
      return;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    while (Files.exists(held)) {
      LockSupport.parkNanos(POLL.toNanos());
      var _ = Thread.interrupted(); // else the next park would return at once, and so on
    }
  }
}
