package io.juicebox.node.mount;

import java.util.UUID;

/** What a volume's mount is good for, decided from what was seen of it. */
enum Condition {
  /** Neither mounted nor served. */
  ABSENT,
  /** The right filesystem answers. */
  SERVING,
  /** It is mounted and its process lives, but does not answer in time: its backend may be away. */
  SILENT,
  /** It is mounted, its process has ended, and its descriptor waits for a successor. */
  ORPHANED,
  /** Unmounted, and its process has not ended: it may still write what it has. */
  LEAVING,
  /** It can't come back by itself: take it off. */
  BROKEN;

  /** What a look at the root of a mount found. */
  sealed interface Answer {
    /** Nothing is mounted, so nothing was asked. */
    record NotMounted() implements Answer {}

    /**
     * It answered as the root of a filesystem.
     *
     * @param session JuiceFS's Sid of the process that answered
     */
    record Root(UUID uuid, long session) implements Answer {}

    /**
     * The kernel answered for it: no process holds the connection, or the filesystem is no JuiceFS.
     */
    record Disconnected() implements Answer {}

    /** No answer in time. */
    record Silence() implements Answer {}
  }

  /** Whether the process that was started for the mount runs. */
  enum Server {
    RUNNING,
    GONE
  }

  static Condition of(Answer answer, Server server, UUID expected) {
    return switch (answer) {
      case Answer.NotMounted() -> server == Server.RUNNING ? LEAVING : ABSENT;
      case Answer.Root(UUID uuid, long _) -> uuid.equals(expected) ? SERVING : BROKEN;
      case Answer.Disconnected() -> BROKEN;
      case Answer.Silence() -> server == Server.RUNNING ? SILENT : BROKEN;
    };
  }
}
