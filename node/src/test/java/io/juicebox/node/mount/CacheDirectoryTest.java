package io.juicebox.node.mount;

import static org.assertj.core.api.Assertions.assertThat;

import io.juicebox.node.kernel.MountTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CacheDirectoryTest {
  private static final MountTable NO_MOUNTS = new MountTable("");

  @TempDir Path caches;
  private Path path;
  private CacheDirectory cache;

  @BeforeEach
  void create() throws IOException {
    path = caches.toRealPath().resolve("volume");
    cache = new CacheDirectory(path);
    cache.create();
    Files.createDirectories(path.resolve("uuid/raw"));
    Files.writeString(path.resolve("uuid/raw/block"), "x");
    Files.writeString(path.resolve("file"), "x");
  }

  @Test
  void isRemovedWithAllInItAndMayBeGone() throws IOException {
    cache.remove(NO_MOUNTS);
    assertThat(path).doesNotExist();
    cache.remove(NO_MOUNTS);
  }

  @Test
  void staysWithBlocksThatAreNotUploaded() throws IOException {
    Files.createDirectories(path.resolve("uuid/rawstaging/chunks"));
    Files.writeString(path.resolve("uuid/rawstaging/chunks/block"), "x");
    cache.remove(NO_MOUNTS);
    assertThat(path.resolve("uuid/rawstaging/chunks/block")).exists();
  }

  @Test
  void staysWithAnotherFilesystemMountedInIt() throws IOException {
    cache.remove(mountedAt(path + "/uuid/raw"));
    assertThat(path.resolve("uuid/raw/block")).exists();
  }

  private static MountTable mountedAt(String point) {
    return new MountTable("1 0 0:50 / " + point + " rw - fuse.juicefs x rw\n");
  }
}
