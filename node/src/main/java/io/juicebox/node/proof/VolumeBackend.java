package io.juicebox.node.proof;

import io.juicebox.csi.volume.BackendConnection;
import io.juicebox.csi.volume.VolumeContext;
import java.util.Collection;
import java.util.List;

/** The Redis and the object store of a volume, reached with the volume's own credentials. */
public interface VolumeBackend {
  /**
   * Begins to prove that the credentials work: that the metadata at the volume's number are this
   * volume's, and that the owner object of its lineage can be read. Returns at once.
   */
  Proof prove(VolumeContext volume, BackendConnection connection);

  /** Begins to prove the part of {@link #prove} that is Redis's. Returns at once. */
  Proof proveMetadata(VolumeContext volume, BackendConnection connection);

  /** The sessions of the volume that are alive now. */
  List<Session> sessions(VolumeContext volume, BackendConnection connection);

  /**
   * Frees the locks of sessions whose process is known to be dead and lets the sessions expire now;
   * the next mount of the volume removes what else they left. May be repeated.
   */
  void release(VolumeContext volume, BackendConnection connection, Collection<Session> dead);
}
