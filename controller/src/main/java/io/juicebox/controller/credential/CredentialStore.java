package io.juicebox.controller.credential;

import io.juicebox.csi.status.DriverException;
import io.juicebox.csi.volume.BackendConnection;
import io.juicebox.csi.volume.VolumeId;
import java.util.Optional;

/**
 * Where the credentials of volumes are kept, with the addresses of their servers, for the nodes
 * that publish them. It alone has them in clear. Every method may be repeated and be called from
 * several threads and processes at once.
 *
 * <p>Failures: {@link DriverException.BackendUnavailable}, {@link DriverException.Forbidden}.
 */
public interface CredentialStore {
  /**
   * Looks at the CO's name for a volume.
   *
   * @throws DriverException.InvalidRequest when the store can't have anything under it
   */
  void requireName(String name);

  /**
   * Keeps a new volume's credentials, unless an earlier attempt has kept some: these then count.
   *
   * @param name the CO's name for the volume
   * @return those that are kept
   * @throws DriverException.OperationPending while another volume's are there under that name
   * @throws DriverException.PreconditionFailed when something else is there under that name
   */
  BackendConnection keep(VolumeId volume, String name, BackendConnection credentials);

  /**
   * Keeps other credentials of a volume in place of those that are there, if any are.
   *
   * @throws DriverException.OperationPending when they are being changed by somebody else
   * @throws DriverException.PreconditionFailed when something else is there under that name
   */
  void replace(VolumeId volume, String name, BackendConnection credentials);

  /** What is kept of a volume. */
  Optional<BackendConnection> find(VolumeId volume, String name);

  /** Forgets a volume's credentials; does nothing when there are none, or another volume's. */
  void remove(VolumeId volume, String name);
}
