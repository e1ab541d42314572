package io.juicebox.node.proof;

import io.juicebox.csi.status.DriverException;
import io.juicebox.csi.volume.BackendConnection;
import io.juicebox.csi.volume.VolumeContext;
import java.util.Collection;
import java.util.List;

/** The Redis and the object store of a volume, reached with the volume's own credentials. */
public interface VolumeBackend {
  /**
   * Proves that the credentials work: the metadata at the volume's number are this volume's and the
   * owner object of its lineage can be read. Both servers are asked at once; blocks for at most the
   * limit the implementation was made with.
   *
   * @return the sessions that are alive
   * @throws DriverException Unauthenticated, Forbidden, BackendUnavailable naming the server,
   *     NotFound when the volume's metadata is not there, PreconditionFailed when the bucket or the
   *     owner object is not
   */
  List<Session> prove(VolumeContext volume, BackendConnection connection);

  /** The sessions that are alive now. */
  List<Session> sessions(VolumeContext volume, BackendConnection connection);

  /**
   * Frees the locks of sessions whose process is known to be dead and lets the sessions expire now;
   * the next mount of the volume removes what else they left. May be repeated.
   */
  void release(VolumeContext volume, BackendConnection connection, Collection<Session> dead);
}
