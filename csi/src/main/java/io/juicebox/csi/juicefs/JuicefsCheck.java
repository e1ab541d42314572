package io.juicebox.csi.juicefs;

import io.juicebox.csi.status.DriverException.Failed;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether there is a juicefs program to mount with: said once in the log, and asked by /readyz. The
 * program is run until it was found well once, which takes some tens of milliseconds.
 */
public final class JuicefsCheck {
  private static final Logger LOG = LoggerFactory.getLogger(JuicefsCheck.class);

  private final Juicefs juicefs;
  private volatile Optional<JuicefsVersion> usable = Optional.empty();

  public JuicefsCheck(Juicefs juicefs) {
    this.juicefs = juicefs;
  }

  /** Looks, and writes to the log what it found. */
  public void report() {
    String problem = unready();
    if (!problem.isEmpty()) {
      LOG.error("no volume can be mounted: {}", problem.strip());
    }
  }

  /** What is wrong, as a line; empty when nothing is. */
  public String unready() {
    return usable.isPresent() ? "" : look().map(sentence -> sentence + "\n").orElse("");
  }

  /** The version of a program that can be used; empty when there is none. */
  public Optional<JuicefsVersion> version() {
    if (usable.isEmpty()) {
      var _ = look();
    }
    return usable;
  }

  private Optional<String> look() {
    try {
      Optional<JuicefsVersion> found = juicefs.version();
      Optional<String> problem = JuicefsVersion.problem(found);
      if (problem.isEmpty()) {
        usable = found;
      }
      return problem;
    } catch (Failed e) {
      return Optional.of(String.valueOf(e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.of("the program is ending");
    }
  }
}
