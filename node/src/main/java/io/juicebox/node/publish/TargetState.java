package io.juicebox.node.publish;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Set;

/** What is at a target path now. */
sealed interface TargetState {
  /** Nothing; the parent directory is there. */
  record Absent() implements TargetState {}

  /** Nothing, not even the parent directory. */
  record ParentAbsent() implements TargetState {}

  /** A symbolic link is on the way there, which nobody follows. */
  record BehindALink() implements TargetState {}

  /** An empty directory that nothing is mounted on. */
  record EmptyDirectory() implements TargetState {}

  /** A directory with something in it, and nothing is mounted on it. */
  record FilledDirectory() implements TargetState {}

  /**
   * No directory, nor a way to one.
   *
   * @param kind in words: a file, a symbolic link
   */
  record NotADirectory(String kind) implements TargetState {}

  /**
   * A publication of the volume's living mount.
   *
   * @param options of the bind mount, as mountinfo spells them
   */
  record Bound(Set<String> options) implements TargetState {}

  /** A publication of a mount of ours that is no more: an access gives ENOTCONN. */
  record Stale() implements TargetState {}

  /** A mount that is none of this volume's. */
  record Foreign(String type, String source) implements TargetState {}

  /** What is at a place where nothing is mounted, in the filesystem's words. */
  static TargetState unmounted(Path place) throws IOException {
    BasicFileAttributes attributes;
    try {
      attributes =
          Files.readAttributes(place, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException e) {
      return new Absent();
    }
    if (attributes.isSymbolicLink()) {
      return new NotADirectory("a symbolic link");
    }
    if (!attributes.isDirectory()) {
      return new NotADirectory("a file");
    }
    try (var entries = Files.newDirectoryStream(place)) {
      return entries.iterator().hasNext() ? new FilledDirectory() : new EmptyDirectory();
    }
  }
}
