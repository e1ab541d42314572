package io.juicebox.controller.credential;

import io.juicebox.controller.meta.Users;
import io.juicebox.controller.object.Account;
import io.juicebox.controller.object.Accounts;
import io.juicebox.controller.object.Grant;
import io.juicebox.controller.redis.PasswordHash;
import io.juicebox.controller.registry.VolumeRecord;
import io.juicebox.csi.status.DriverException;
import io.juicebox.csi.volume.BackendConnection;
import io.juicebox.csi.volume.CredentialName;
import io.juicebox.csi.volume.Secret;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Makes and removes the credentials of one backend's volumes. Each step may be repeated, by several
 * controllers at once: what the store has kept first is what all of them use.
 */
public final class VolumeCredentials {
  private final BackendConnection backend;
  private final CredentialStore store;
  private final Users users;
  private final Accounts accounts;
  private final AccountPool pool;

  /**
   * @param backend the controller's own keys, whose servers the volumes use
   */
  public VolumeCredentials(
      BackendConnection backend,
      CredentialStore store,
      Users users,
      Accounts accounts,
      AccountPool pool) {
    this.backend = backend;
    this.store = store;
    this.users = users;
    this.accounts = accounts;
    this.pool = pool;
  }

  /**
   * An account that is there already, with the id of the volume that it is for; if there is one.
   *
   * @param name of the volume to come
   * @throws DriverException.PreconditionFailed when the object store makes no accounts
   * @throws DriverException.InvalidRequest when the store can't have anything under that name
   */
  public Optional<Blank> takeBlank(String name) {
    store.requireName(name);
    accounts.requireOffered();
    return pool.take();
  }

  /** Takes one back that became no volume. */
  public void giveBack(Blank blank) {
    pool.giveBack(blank);
  }

  /** Decides a volume's first credentials and keeps them; nothing accepts them yet. */
  public BackendConnection keep(VolumeRecord volume, Optional<Blank> blank) {
    Secret secretKey = blank.map(Blank::secretKey).orElseGet(Secret::random);
    var fresh = random(CredentialName.first(volume.id()), secretKey);
    return store.keep(volume.id(), volume.name(), fresh);
  }

  /**
   * Finds out whether the object store makes accounts.
   *
   * @throws DriverException.PreconditionFailed when it does not
   */
  void requireAccounts() {
    accounts.requireOffered();
  }

  /** Credentials of a name that nothing accepts yet. */
  BackendConnection random(CredentialName name) {
    return random(name, Secret.random());
  }

  private BackendConnection random(CredentialName name, Secret secretKey) {
    return backend.withKeys(name.value(), Secret.random(), new Secret(name.value()), secretKey);
  }

  /** What nodes get. */
  Optional<BackendConnection> find(VolumeRecord volume) {
    return store.find(volume.id(), volume.name());
  }

  /** Has nodes get these from now on. */
  void replace(VolumeRecord volume, BackendConnection fresh) {
    store.replace(volume.id(), volume.name(), fresh);
  }

  /** Has Redis accept what was kept. */
  public PasswordHash makeUser(VolumeRecord volume, CredentialName name, BackendConnection kept) {
    var password = PasswordHash.of(kept.redisPassword());
    users.put(name, volume.number(), password);
    return password;
  }

  /**
   * Has the object store accept what was kept.
   *
   * @param blank the account that was made for it, if one was
   * @param patience how long to wait for accounts of others
   */
  public void makeAccount(
      VolumeRecord volume, BackendConnection kept, Optional<Blank> blank, Duration patience) {
    boolean made = blank.map(Blank::secretKey).filter(kept.objectSecretKey()::equals).isPresent();
    if (!made) {
      makeAccount(volume, kept, patience);
    } else if (volume.origin().isPresent()) { // it was made for a lineage of its own
      accounts.grant(kept.objectAccessKey().reveal(), grant(volume));
    }
  }

  /** Has the object store accept an account, in place of one of the same name. */
  void makeAccount(VolumeRecord volume, BackendConnection kept, Duration patience) {
    var account = new Account(kept.objectAccessKey().reveal(), kept.objectSecretKey());
    accounts.put(account, grant(volume), patience);
  }

  private static Grant grant(VolumeRecord volume) {
    return new Grant(List.of(volume.bucket()), volume.lineage(), volume.member());
  }

  /** Cuts a volume's clients off from Redis. */
  public void removeUsers(VolumeRecord volume) {
    volume.credentialNames().forEach(this::removeUser);
  }

  void removeUser(CredentialName name) {
    users.remove(name);
  }

  /** Cuts a volume's clients off from the object store. */
  public void removeAccounts(VolumeRecord volume) {
    volume.credentialNames().forEach(this::removeAccount);
  }

  void removeAccount(CredentialName name) {
    accounts.remove(name.value());
  }

  /** The last of it: what is forgotten can't be restored. */
  public void forget(VolumeRecord volume) {
    store.remove(volume.id(), volume.name());
  }

  /** Has the object store accept again what it has lost; nothing where nothing was kept. */
  boolean restoreAccount(VolumeRecord volume, Duration patience) {
    Optional<BackendConnection> kept = find(volume);
    kept.ifPresent(credentials -> makeAccount(volume, credentials, patience));
    return kept.isPresent();
  }
}
