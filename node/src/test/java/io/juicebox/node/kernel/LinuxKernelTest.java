package io.juicebox.node.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.juicebox.test.server.TestDirectory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.FutureTask;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The system calls on this machine's kernel; needs root. */
class LinuxKernelTest {
  private static final LinuxKernel KERNEL = new LinuxKernel();

  private static final Set<MountFlag> NONE = Set.of();

  private final TestDirectory directory = TestDirectory.create("kernel");
  private Path source = directory.path();
  private Path target = directory.path();

  @BeforeEach
  void makeDirectories() throws IOException {
    source = Files.createDirectory(directory.path().toRealPath().resolve("source"));
    target = Files.createDirectory(directory.path().toRealPath().resolve("target"));
    Files.writeString(source.resolve("file"), "text");
  }

  @AfterEach
  void removeDirectories() {
    directory.close();
  }

  @Test
  void bindShowsTheSourceUntilItIsUnmounted() {
    KERNEL.bind(source, target, NONE);

    assertThat(target.resolve("file")).hasContent("text");
    assertThat(KERNEL.mounts().at(target)).isPresent();

    KERNEL.unmount(target);
    assertThat(target).isEmptyDirectory();
    assertThat(KERNEL.mounts().at(target)).isEmpty();
  }

  @Test
  void aBindHasExactlyItsFlags() {
    for (MountFlag flag : MountFlag.values()) {
      KERNEL.bind(source, target, Set.of(flag));
      assertThat(flags(target)).containsExactly(flag);
      KERNEL.unmount(target);
    }
    KERNEL.bind(source, target, EnumSet.allOf(MountFlag.class));
    assertThat(flags(target)).containsExactly(MountFlag.values());
    KERNEL.bind(target, target, NONE);
    assertThat(flags(target)).isEmpty();
    KERNEL.unmount(target);
    KERNEL.unmount(target);
  }

  @Test
  void readOnlyHoldsForThePublicationAlone() throws Exception {
    KERNEL.bind(source, target, Set.of(MountFlag.READ_ONLY));

    assertThatThrownBy(() -> Files.writeString(target.resolve("file"), "other"))
        .isInstanceOf(FileSystemException.class)
        .hasMessageContaining("Read-only");
    Files.writeString(source.resolve("file"), "other");
    assertThat(target.resolve("file")).hasContent("other");
  }

  @Test
  void anOpenDirectoryStaysTheSame() throws IOException {
    Path moved = directory.path().toRealPath().resolve("moved");
    try (Directory opened = KERNEL.open(target)) {
      Files.move(target, moved);
      Files.createSymbolicLink(target, directory.path());
      KERNEL.bind(source, opened.path(), NONE);
      assertThat(moved.resolve("file")).hasContent("text");
      assertThat(opened.path()).isEmptyDirectory();
    }
    try (Directory mounted = KERNEL.open(moved)) {
      assertThat(KERNEL.mounts().withId(mounted.mountId())).isEqualTo(KERNEL.mounts().at(moved));
      assertErrno(() -> KERNEL.unmount(moved), Errno.EBUSY);
      KERNEL.detach(mounted);
    }
    assertThat(moved).isEmptyDirectory();
  }

  @Test
  void noSymbolicLinkLeadsToAnOpenDirectory() throws IOException {
    Path parent = Files.createSymbolicLink(target.resolve("parent"), source.getParent());

    assertErrno(() -> KERNEL.open(parent), Errno.ELOOP);
    assertErrno(() -> KERNEL.open(parent.resolve("source")), Errno.ELOOP);
    assertErrno(() -> KERNEL.open(source.resolve("file")), Errno.ENOTDIR);
    assertErrno(() -> KERNEL.open(source.resolve("none")), Errno.ENOENT);
    try (Directory opened = KERNEL.open(target)) {
      assertErrno(() -> KERNEL.open(opened, Path.of("parent")), Errno.ELOOP);
      assertErrno(() -> KERNEL.open(opened, Path.of("none")), Errno.ENOENT);
    }
  }

  @Test
  void failuresCarryTheErrno() throws Exception {
    Path link = Files.createSymbolicLink(directory.path().toRealPath().resolve("link"), target);

    assertErrno(() -> KERNEL.bind(source.resolve("none"), target, NONE), Errno.ENOENT);
    assertErrno(() -> KERNEL.bind(source, target.resolve("none"), NONE), Errno.ENOENT);
    assertErrno(() -> KERNEL.bind(source, source.resolve("file"), NONE), Errno.EINVAL);
    assertErrno(() -> KERNEL.unmount(target), Errno.EINVAL);
    assertErrno(() -> KERNEL.statfs(target.resolve("none")), Errno.ENOENT);
    assertErrno(() -> KERNEL.setImmutable(link), Errno.ENOTDIR);
    KERNEL.bind(source, target, NONE);
    assertErrno(() -> KERNEL.unmount(link), Errno.EINVAL); // the link is not followed
    assertThat(KERNEL.mounts().at(target)).isPresent();
  }

  @Test
  void aMountInUseIsBusyAndCanBeDetached() throws Exception {
    KERNEL.bind(source, target, NONE);
    try (var _ = Files.newInputStream(target.resolve("file"))) {
      assertErrno(() -> KERNEL.unmount(target), Errno.EBUSY);
      KERNEL.detach(target);
    }
    assertThat(KERNEL.mounts().at(target)).isEmpty();
  }

  @Test
  void statfsTellsWhatJavaTells() throws Exception {
    FilesystemRoom room = KERNEL.statfs(source);

    var store = Files.getFileStore(source);
    assertThat(room.bytes()).isEqualTo(store.getTotalSpace());
    assertThat(room.availableBytes()).isBetween(1L, room.freeBytes());
    assertThat(room.usedBytes()).isBetween(1L, room.bytes());
    assertThat(room.usedInodes()).isBetween(1L, room.inodes());
  }

  @Test
  void notEvenRootWritesToAnImmutableDirectory() throws Exception {
    KERNEL.setImmutable(target);
    KERNEL.setImmutable(target);
    assertThatThrownBy(() -> Files.createFile(target.resolve("file")))
        .isInstanceOf(FileSystemException.class)
        .isNotInstanceOf(AccessDeniedException.class)
        .hasMessageContaining("not permitted");

    KERNEL.bind(source, target, NONE); // mounting over it works
    KERNEL.unmount(target);

    KERNEL.clearImmutable(target);
    KERNEL.clearImmutable(target);
    Files.createFile(target.resolve("file"));
  }

  @Test
  void aThreadsHostnameIsThatOfItsChildrenOnly() throws Exception {
    var child =
        new FutureTask<>(() -> {
          KERNEL.nameOwnHost("node-of-the-test");
          return hostnameOfChild();
        });
    Thread.ofPlatform().start(child);

    assertThat(child.get()).isEqualTo("node-of-the-test");
    assertThat(hostnameOfChild()).isNotEqualTo("node-of-the-test");
  }

  private static String hostnameOfChild() throws IOException {
    Process child = new ProcessBuilder("uname", "-n").start();
    return new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
  }

  private static Set<MountFlag> flags(Path path) {
    var flags = EnumSet.allOf(MountFlag.class);
    MountInfo mount = KERNEL.mounts().at(path).orElseThrow();
    flags.removeIf(flag -> !mount.has(flag));
    return flags;
  }

  private static void assertErrno(ThrowingCallable call, Errno errno) {
    assertThatThrownBy(call)
        .asInstanceOf(type(KernelException.class))
        .extracting(KernelException::errno)
        .isEqualTo(errno);
  }
}
