package io.juicebox.controller.fork;

import java.util.regex.Pattern;

/**
 * What a copy does with a key of JuiceFS's metadata engine for Redis (pkg/meta/redis.go, version
 * 1.4). A key that is not known here is copied: it is more likely of a newer JuiceFS than of
 * nobody.
 */
enum KeyKind {
  /** As it is. */
  COPIED,
  /** As it is, but for a file that is open and has no name any more. */
  INODE,
  /** The inodes that a client has open and that have no name any more. */
  OPEN_FILES,
  /** Counters of space and inodes: less what those files took. */
  USAGE,
  /** The last slice id that somebody has been given: as it is, and remembered. */
  NEXT_SLICE,
  /** The counters of references to slices: only those above zero. */
  REFERENCES,
  /** Who uses the filesystem and what it has locked; when somebody last tidied up. */
  LEFT_OUT;

  private static final Pattern INODE_KEY = Pattern.compile("i\\d+");
  private static final Pattern OPEN_FILES_KEY = Pattern.compile("session\\d+");
  private static final Pattern LEFT_OUT_KEY = Pattern.compile("(?:locked|lockf|lockp)\\d+");

  static KeyKind of(String key) {
    return switch (key) {
      case "sliceRef" -> REFERENCES;
      case "nextchunk" -> NEXT_SLICE;
      case "usedSpace", "totalInodes" -> USAGE;
      case "sessions", "allSessions", "sessionInfos" -> LEFT_OUT;
      case "lastCleanupSessions",
          "lastCleanupFiles",
          "lastCleanupTrash",
          "lastCleanupDetachedNodes" ->
          LEFT_OUT;
      case "fork" -> LEFT_OUT; // MetadataWriter's own
      default -> byPattern(key);
    };
  }

  private static KeyKind byPattern(String key) {
    if (INODE_KEY.matcher(key).matches()) {
      return INODE;
    }
    if (OPEN_FILES_KEY.matcher(key).matches()) {
      return OPEN_FILES;
    }
    return LEFT_OUT_KEY.matcher(key).matches() ? LEFT_OUT : COPIED;
  }
}
