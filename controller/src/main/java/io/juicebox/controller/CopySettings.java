package io.juicebox.controller;

import io.juicebox.csi.settings.SettingsReader;
import java.nio.file.Path;

/**
 * How metadata is copied.
 *
 * @param directory for files of metadata on its way into a snapshot or out of one, some 50 bytes
 *     for each file of a volume
 * @param keysAtOnce keys and parts of their values that one step of Redis may read or copy at most;
 *     fewer where the server is not quick enough
 */
record CopySettings(Path directory, int keysAtOnce) {
  private static final int MOST_KEYS = 10_000_000;

  static CopySettings from(SettingsReader reader) {
    return new CopySettings(
        reader
            .parsed("COPIES_DIR", Path::of)
            .orElseGet(() -> Path.of(System.getProperty("java.io.tmpdir"))),
        reader.number("COPY_KEYS_AT_ONCE", 0, MOST_KEYS).orElse(100_000));
  }
}
