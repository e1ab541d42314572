package io.juicebox.controller.credential;

import io.juicebox.controller.meta.Users;
import io.juicebox.controller.object.Accounts;
import io.juicebox.controller.registry.Blanks;
import io.juicebox.controller.registry.Registry;
import io.juicebox.controller.registry.Rotations;
import io.juicebox.csi.ops.Steps;
import io.juicebox.csi.volume.BackendConnection;
import io.juicebox.csi.volume.BackendName;
import java.time.Duration;

/** What makes, restores and removes credentials on one backend, put together. */
public record Issuance(
    VolumeCredentials credentials, AccountPool pool, Restorer restorer, Rotation rotation) {
  /**
   * Puts it together; nothing runs yet.
   *
   * @param inAdvance how many accounts to have before their volumes
   * @param overlap how long credentials work at least after they were replaced
   */
  public static Issuance of(
      BackendName name,
      BackendConnection backend,
      CredentialStore store,
      Registry registry,
      Blanks blanks,
      Rotations rotations,
      Users users,
      Accounts accounts,
      int inAdvance,
      Duration overlap,
      Steps steps) {
    var pool = new AccountPool(name, backend.bucket(), blanks, accounts, inAdvance);
    var credentials = new VolumeCredentials(backend, store, users, accounts, pool);
    var rotation = new Rotation(rotations, credentials, overlap, steps);
    var restorer = new Restorer(name, registry, rotations, users, accounts, credentials, rotation);
    return new Issuance(credentials, pool, restorer, rotation);
  }

  /** Begins what runs for the life of the process. */
  public void start() {
    pool.start();
    restorer.start();
  }
}
