package io.juicebox.node;

import io.juicebox.csi.juicefs.Juicefs;
import io.juicebox.csi.juicefs.JuicefsVersion;
import io.juicebox.csi.status.DriverException.Failed;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the node has a juicefs program that it can mount with: said once in the log, and asked by
 * /readyz.
 */
final class JuicefsCheck {
  private static final Logger LOG = LoggerFactory.getLogger(JuicefsCheck.class);

  private final Juicefs juicefs;
  private volatile boolean usable;

  JuicefsCheck(Juicefs juicefs) {
    this.juicefs = juicefs;
  }

  /** Looks, and writes to the log what it found. */
  void report() {
    String problem = unready();
    if (!problem.isEmpty()) {
      LOG.error("no volume can be mounted: {}", problem.strip());
    }
  }

  /**
   * What is wrong, as a line; empty when nothing is. Runs the program until it was found well once.
   */
  String unready() {
    if (usable) {
      return "";
    }
    Optional<String> problem = look();
    usable = problem.isEmpty();
    return problem.map(sentence -> sentence + "\n").orElse("");
  }

  private Optional<String> look() {
    try {
      return JuicefsVersion.problem(juicefs.version());
    } catch (Failed e) {
      return Optional.of(String.valueOf(e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.of("the node program is ending");
    }
  }
}
