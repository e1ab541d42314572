package io.juicebox.test.server;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;

/** The real programs that tests run: those of {@code make tools} first, then those on PATH. */
public final class Tools {
  private Tools() {}

  /**
   * The path of a program.
   *
   * @throws IllegalStateException if it is installed nowhere
   */
  public static Path program(String name) {
    var installed = repository().stream().map(root -> root.resolve(".tools/bin"));
    var path = Arrays.stream(System.getenv().getOrDefault("PATH", "").split(":", -1)).map(Path::of);
    return Stream.concat(installed, path)
        .map(directory -> directory.resolve(name))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow(
            () -> new IllegalStateException(name + " is not installed: run `make tools` first"));
  }

  /** The interpreter that has h5py and anndata. */
  public static Path python() {
    return repository()
        .map(root -> root.resolve(".tools/venv/bin/python"))
        .filter(Files::isExecutable)
        .orElseThrow(
            () -> new IllegalStateException(".tools/venv is missing: run `make tools` first"));
  }

  /** The root of the working copy that the current directory lies in. */
  public static Optional<Path> repository() {
    for (var at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
      if (Files.exists(at.resolve("test/servers/pom.xml"))) {
        return Optional.of(at);
      }
    }
    return Optional.empty();
  }
}
