package io.juicebox.test.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The memory of processes, with pages that several share divided among them. */
public final class Memory {
  private Memory() {}

  /** PSS of a process in MiB. */
  public static double pss(long pid) {
    try (var lines = Files.lines(Path.of("/proc", Long.toString(pid), "smaps_rollup"))) {
      var line = lines.filter(text -> text.startsWith("Pss:")).findFirst().orElseThrow();
      return Long.parseLong(line.replaceAll("\\D", "")) / 1024.0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
