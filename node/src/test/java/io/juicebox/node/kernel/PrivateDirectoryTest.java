package io.juicebox.node.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrivateDirectoryTest {
  @TempDir private Path folder;

  @Test
  void whatIsMissingIsMade() throws IOException {
    Path made = PrivateDirectory.make(folder.resolve("a/b"));
    assertThat(mode(made)).isEqualTo("rwx------");
    assertThat(mode(folder.resolve("a"))).isNotEqualTo("rwx------");
  }

  @Test
  void whatIsThereBecomesPrivate() throws IOException {
    Path there = Files.createDirectory(folder.resolve("there"));
    assertThat(mode(there)).isNotEqualTo("rwx------");
    Path link = Files.createSymbolicLink(folder.resolve("link"), there);
    assertThat(PrivateDirectory.make(link)).isEqualTo(there.toRealPath());
    assertThat(mode(there)).isEqualTo("rwx------");
  }

  @Test
  void aDanglingLinkIsNoDirectory() throws IOException {
    Path link = Files.createSymbolicLink(folder.resolve("link"), folder.resolve("nowhere"));
    assertThatThrownBy(() -> PrivateDirectory.make(link))
        .isInstanceOf(FileAlreadyExistsException.class);
  }

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
