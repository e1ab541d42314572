package io.juicebox.node.mount;

import java.time.Duration;

/** What became of a graceful restart. */
public sealed interface Restart {
  /**
   * Another process serves the mount. Nobody saw an error, unless the keys of the former one were
   * refused.
   *
   * @param pause for which nobody served it
   */
  record Restarted(Duration pause) implements Restart {}

  /** The process could not leave now and serves on. It is asked again each minute. */
  record Busy(String why) implements Restart {}

  /** There is nothing to restart. */
  record NotMounted() implements Restart {}
}
