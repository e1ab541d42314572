package io.juicebox.node.mount;

import io.juicebox.csi.volume.Secret;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** What a juicefs process says. */
record LogFile(Path path) {
  private static final int TAIL_BYTES = 16 << 10;
  private static final int LONGEST_LINE = 300;

  /** The last errors; without any the last warnings, or the last of all. Without the secrets. */
  List<String> lastLines(int most, List<Secret> secrets) {
    List<String> lines;
    try {
      lines = tail().lines().filter(line -> !line.isBlank()).toList();
    } catch (IOException e) {
      return List.of();
    }
    List<String> shown =
        Stream.<Predicate<String>>of(LogFile::isError, line -> !line.contains("<INFO>"))
            .map(level -> lines.stream().filter(level).toList())
            .filter(found -> !found.isEmpty())
            .findFirst()
            .orElse(lines);
    return shown.stream()
        .skip(Math.max(0, shown.size() - most))
        .map(line -> without(secrets, line))
        .map(line -> line.length() > LONGEST_LINE ? line.substring(0, LONGEST_LINE) : line)
        .toList();
  }

  /** How long it is now. */
  long size() {
    try {
      return Files.size(path);
    } catch (IOException e) {
      return 0;
    }
  }

  /** Whether it says something behind a place, of which it has grown by a few lines. */
  boolean contains(String words, long start) {
    try {
      return read(start).contains(words);
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Moves what the file holds to another file when it has grown beyond a size, and leaves it empty.
   * The process goes on appending to the same file; what it writes during the copy may be lost.
   */
  void cap(long bytes, Path older) throws IOException {
    try {
      if (Files.size(path) <= bytes) {
        return;
      }
    } catch (NoSuchFileException e) {
      return;
    }
    Files.copy(path, older, StandardCopyOption.REPLACE_EXISTING);
    try (var file = FileChannel.open(path, StandardOpenOption.WRITE)) {
      file.truncate(0);
    }
  }

  private static boolean isError(String line) {
    return line.contains("<ERROR>") || line.contains("<FATAL>");
  }

  private String tail() throws IOException {
    return read(Math.max(0, Files.size(path) - TAIL_BYTES));
  }

  private String read(long start) throws IOException {
    try (var file = FileChannel.open(path)) {
      ByteBuffer bytes = ByteBuffer.allocate(TAIL_BYTES);
      while (bytes.hasRemaining() && file.read(bytes, start + bytes.position()) > 0) {}
      return new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8);
    }
  }

  private static String without(List<Secret> secrets, String line) {
    String clean = line;
    for (Secret secret : secrets) {
      if (!secret.isEmpty()) {
        clean = clean.replace(secret.reveal(), "***");
      }
    }
    return clean;
  }
}
