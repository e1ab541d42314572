package io.juicebox.controller;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.juicebox.csi.volume.BackendConnection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;

/**
 * The keys of a backend as files in a folder of its name, which is how Kubernetes mounts a Secret:
 * entries that begin with a dot are its own.
 */
final class BackendFiles {
  private BackendFiles() {}

  /**
   * Reads {@code <directory>/<name>/<key>} for all keys that are there; a line end after a value is
   * no part of it.
   *
   * @throws IllegalArgumentException when the folder can't be read
   * @throws io.juicebox.csi.status.DriverException.InvalidRequest naming the wrong key
   */
  static BackendConnection read(Path directory, String name) {
    Path folder = directory.resolve(name);
    var keys = new HashMap<String, String>();
    try (var files = Files.newDirectoryStream(folder, "[!.]*")) {
      for (Path file : files) {
        keys.put(file.getFileName().toString(), withoutLineEnd(Files.readString(file, UTF_8)));
      }
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "the keys in %s can't be read: %s".formatted(folder, e), e);
    }
    return BackendConnection.from(folder.toString(), keys);
  }

  private static String withoutLineEnd(String text) {
    int end = text.length();
    if (end > 0 && text.charAt(end - 1) == '\n') {
      end--;
    }
    if (end > 0 && text.charAt(end - 1) == '\r') {
      end--;
    }
    return text.substring(0, end);
  }
}
