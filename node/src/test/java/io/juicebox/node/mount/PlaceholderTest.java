package io.juicebox.node.mount;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.juicebox.node.kernel.Directory;
import io.juicebox.node.kernel.Errno;
import io.juicebox.node.kernel.FilesystemRoom;
import io.juicebox.node.kernel.Kernel;
import io.juicebox.node.kernel.KernelException;
import io.juicebox.node.kernel.LinuxKernel;
import io.juicebox.node.kernel.MountFlag;
import io.juicebox.node.kernel.MountTable;
import io.juicebox.test.server.TestDirectory;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** On this machine's kernel, and on one whose filesystem has no immutable flag; needs root. */
class PlaceholderTest {
  private static final LinuxKernel KERNEL = new LinuxKernel();

  private final TestDirectory parent = TestDirectory.create("placeholder");
  private Path directory = parent.path();

  @BeforeEach
  void name() throws IOException {
    directory = parent.path().toRealPath().resolve("mount");
  }

  @AfterEach
  void remove() {
    parent.close();
  }

  @Test
  void theImmutableFlagSeals() throws IOException {
    sealsAndOpens(new Placeholder(KERNEL), "not permitted");
  }

  @Test
  void withoutTheFlagAReadOnlyMountSeals() throws IOException {
    sealsAndOpens(new Placeholder(new Flagless()), "Read-only");
  }

  private void sealsAndOpens(Placeholder placeholder, String refusal) throws IOException {
    placeholder.create(directory);
    placeholder.create(directory);
    assertThatThrownBy(() -> Files.createFile(directory.resolve("file")))
        .isInstanceOf(FileSystemException.class)
        .hasMessageContaining(refusal);
    assertThat(KERNEL.mounts().stackedAt(directory).count()).isLessThanOrEqualTo(1);

    Path other = Files.createDirectories(parent.path().resolve("other"));
    KERNEL.bind(other, directory, Set.of()); // a volume can be mounted over it
    Files.createFile(directory.resolve("file"));
    KERNEL.unmount(directory);

    placeholder.remove(directory);
    placeholder.remove(directory);
    assertThat(directory).doesNotExist();
    assertThat(KERNEL.mounts().at(directory)).isEmpty();
  }

  private static final class Flagless implements Kernel {
    @Override
    public void setImmutable(Path path) {
      throw new KernelException("get flags", path.toString(), Errno.ENOTTY);
    }

    @Override
    public void clearImmutable(Path path) {
      throw new KernelException("get flags", path.toString(), Errno.ENOTTY);
    }

    @Override
    public Directory open(Path directory) {
      return KERNEL.open(directory);
    }

    @Override
    public Directory open(Directory parent, Path name) {
      return KERNEL.open(parent, name);
    }

    @Override
    public void bind(Path source, Path target, Set<MountFlag> flags) {
      KERNEL.bind(source, target, flags);
    }

    @Override
    public void unmount(Path target) {
      KERNEL.unmount(target);
    }

    @Override
    public void detach(Path target) {
      KERNEL.detach(target);
    }

    @Override
    public void detach(Directory root) {
      KERNEL.detach(root);
    }

    @Override
    public FilesystemRoom statfs(Path path) {
      return KERNEL.statfs(path);
    }

    @Override
    public void nameOwnHost(String hostname) {
      KERNEL.nameOwnHost(hostname);
    }

    @Override
    public MountTable mounts() {
      return KERNEL.mounts();
    }
  }
}
