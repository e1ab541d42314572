package io.juicebox.controller.credential;

import io.juicebox.controller.meta.Users;
import io.juicebox.controller.object.Accounts;
import io.juicebox.controller.registry.Blanks;
import io.juicebox.controller.registry.Registry;
import io.juicebox.csi.volume.BackendConnection;
import io.juicebox.csi.volume.BackendName;

/** What makes, restores and removes credentials on one backend, put together. */
public record Issuance(VolumeCredentials credentials, AccountPool pool, Restorer restorer) {
  /**
   * Puts it together; nothing runs yet.
   *
   * @param inAdvance how many accounts to have before their volumes
   */
  public static Issuance of(
      BackendName name,
      BackendConnection backend,
      CredentialStore store,
      Registry registry,
      Blanks blanks,
      Users users,
      Accounts accounts,
      int inAdvance) {
    var pool = new AccountPool(name, backend.bucket(), blanks, accounts, inAdvance);
    var credentials = new VolumeCredentials(backend, store, users, accounts, pool);
    return new Issuance(
        credentials, pool, new Restorer(name, registry, users, accounts, credentials));
  }

  /** Begins what runs for the life of the process. */
  public void start() {
    pool.start();
    restorer.start();
  }
}
