package io.juicebox.controller.object;

import io.juicebox.csi.status.DriverException;
import java.time.Duration;
import java.util.Collection;
import java.util.Set;

/**
 * The accounts of an object store that has an API for them. Every method may be repeated.
 *
 * <p>Failures are those of {@link ObjectStore}.
 */
public interface Accounts {
  /**
   * Finds out whether there can be accounts at all; asks the store until it has said yes.
   *
   * @throws DriverException.PreconditionFailed when it has no API for them
   */
  void requireOffered();

  /**
   * Makes an account, in place of one of the same name.
   *
   * @param patience how long to wait for others that are being made
   * @throws DriverException.Late when its turn did not come in that time
   */
  void put(Account account, Grant grant, Duration patience);

  /** Gives an account that is there these rights in place of those it has. */
  void grant(String accessKey, Grant grant);

  /** Removes an account; what uses it is refused from then on. Does nothing when there is none. */
  void remove(String accessKey);

  /** Those of these accounts that are not there. */
  Set<String> missing(Collection<String> accessKeys);
}
