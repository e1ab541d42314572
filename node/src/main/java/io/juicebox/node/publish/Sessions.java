package io.juicebox.node.publish;

import io.juicebox.csi.status.DriverException.PreconditionFailed;
import io.juicebox.csi.status.Printable;
import io.juicebox.node.proof.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Who else has a volume mounted, told from its live JuiceFS sessions. A session's host is the node
 * id, because each juicefs process of ours runs under that hostname.
 *
 * @param ours of a juicefs of the driver that runs on this node
 * @param dead of this node, without a process: they may be released
 * @param foreign of other nodes, or of a process on this node that is not the driver's
 */
record Sessions(List<Session> ours, List<Session> dead, List<Session> foreign) {

  /**
   * Sorts sessions.
   *
   * @param host of this node's sessions
   * @param look finds the process that a session of this node names
   */
  static Sessions sort(
      List<Session> sessions, String host, Function<Session, SessionProcess> look) {
    var ours = new ArrayList<Session>();
    var dead = new ArrayList<Session>();
    var foreign = new ArrayList<Session>();
    for (Session session : sessions) {
      var process = session.host().equals(host) ? look.apply(session) : SessionProcess.OF_ANOTHER;
      switch (process) {
        case OF_THE_DRIVER -> ours.add(session);
        case OF_ANOTHER -> foreign.add(session);
        case GONE -> dead.add(session);
      }
    }
    return new Sessions(List.copyOf(ours), List.copyOf(dead), List.copyOf(foreign));
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
