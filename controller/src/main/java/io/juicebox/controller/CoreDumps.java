package io.juicebox.controller;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Core dumps would have the keys of the backends in them. */
final class CoreDumps {
  private static final Logger LOG = LoggerFactory.getLogger(CoreDumps.class);

  /**
   * What of a process's memory the kernel puts into its core dump, a bit for each kind (core(5)).
   */
  private static final Path FILTER = Path.of("/proc/self/coredump_filter");

  private CoreDumps() {}

  /** From now on one of this process, or of a process that it starts, has none of its memory. */
  static void empty() {
    try {
      Files.writeString(FILTER, "0");
    } catch (IOException e) {
      LOG.warn("what a core dump of the controller holds can't be set: {}", e.toString());
    }
  }
}
