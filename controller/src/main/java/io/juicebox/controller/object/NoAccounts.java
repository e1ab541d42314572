package io.juicebox.controller.object;

import io.juicebox.csi.status.DriverException.PreconditionFailed;
import java.time.Duration;
import java.util.Collection;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Of an object store without an API for them. Volumes of another time can still be removed. */
public final class NoAccounts implements Accounts {
  private static final Logger LOG = LoggerFactory.getLogger(NoAccounts.class);

  @Override
  public void requireOffered() {
    throw new PreconditionFailed(
        "the object store makes no accounts (OBJECT_ACCOUNTS is none): set the StorageClass"
            + " parameter credentials to shared");
  }

  @Override
  public void put(Account account, Grant grant, Duration patience) {
    requireOffered();
  }

  @Override
  public void grant(String accessKey, Grant grant) {
    requireOffered();
  }

  @Override
  public void remove(String accessKey) {
    LOG.warn("OBJECT_ACCOUNTS is none: the account {} stays, if there is one", accessKey);
  }

  @Override
  public Set<String> missing(Collection<String> accessKeys) {
    return Set.of();
  }
}
