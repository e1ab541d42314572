package io.juicebox.controller.credential;

import io.juicebox.controller.object.Account;
import io.juicebox.controller.object.Accounts;
import io.juicebox.controller.object.Grant;
import io.juicebox.csi.status.DriverException.BackendUnavailable;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/** Accounts in memory, for what is to be seen of those who ask for them. */
final class TestingAccounts implements Accounts {
  final Map<String, Account> made = new ConcurrentHashMap<>();
  final Map<String, Grant> grants = new ConcurrentHashMap<>();

  /** Nothing is answered. */
  volatile boolean away;

  /** None can be made. */
  volatile boolean failing;

  /** None can be removed. */
  volatile boolean keeping;

  @Override
  public void requireOffered() {
    requireThere();
  }

  @Override
  public void put(Account account, Grant grant, Duration patience) {
    requireThere();
    if (failing) {
      throw unavailable();
    }
    made.put(account.accessKey(), account);
    grants.put(account.accessKey(), grant);
  }

  @Override
  public void grant(String accessKey, Grant grant) {
    requireThere();
    grants.put(accessKey, grant);
  }

  @Override
  public void remove(String accessKey) {
    requireThere();
    if (keeping) {
      throw unavailable();
    }
    made.remove(accessKey);
  }

  @Override
  public Set<String> missing(Collection<String> accessKeys) {
    requireThere();
    var missing = new TreeSet<>(accessKeys);
    missing.removeAll(made.keySet());
    return missing;
  }

  private void requireThere() {
    if (away) {
      throw unavailable();
    }
  }

  private static BackendUnavailable unavailable() {
    return new BackendUnavailable("the object store at x", "it is away", null);
  }
}
