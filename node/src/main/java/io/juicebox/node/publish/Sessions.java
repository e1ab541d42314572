package io.juicebox.node.publish;

import io.juicebox.csi.status.DriverException.PreconditionFailed;
import io.juicebox.csi.status.Printable;
import io.juicebox.node.mount.Mount;
import io.juicebox.node.proof.Session;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Who else has a volume mounted, told from its live JuiceFS sessions. A session's host is the node
 * id, because each juicefs process of ours runs under that hostname.
 *
 * @param ours of this node's living mount of the volume
 * @param dead of this node, without a process: they may be released
 * @param foreign of other nodes, or of a process on this node that is not the driver's
 */
record Sessions(List<Session> ours, List<Session> dead, List<Session> foreign) {

  /**
   * Sorts sessions.
   *
   * @param host of this node's sessions
   * @param alive whether the process that a session of this node names still runs here
   */
  static Sessions sort(
      List<Session> sessions, String host, Optional<Mount> mount, Predicate<Session> alive) {
    Predicate<Session> here = session -> session.host().equals(host);
    Predicate<Session> mounts =
        session -> mount.filter(known -> known.pid() == session.pid()).isPresent();
    return new Sessions(
        sessions.stream().filter(here.and(mounts)).toList(),
        sessions.stream().filter(here.and(mounts.negate()).and(alive.negate())).toList(),
        sessions.stream().filter(here.negate().or(here.and(mounts.negate()).and(alive))).toList());
  }

  /**
   * Lets a volume for one node pass only when no other node has it.
   *
   * @throws PreconditionFailed naming the host that has it
   */
  void refuseForeign() {
    if (!foreign.isEmpty()) {
      Session first = foreign.getFirst();
      throw new PreconditionFailed(
          ("the volume is for one node at a time and host %s has it mounted at %s (process %d);"
                  + " unpublish it there, or wait: a dead host's session expires within 60 s")
              .formatted(
                  Printable.of(first.host()), Printable.of(first.mountPoint()), first.pid()));
    }
  }
}
