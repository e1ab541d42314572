package io.juicebox.controller.credential;

import io.juicebox.controller.meta.Users;
import io.juicebox.controller.object.Accounts;
import io.juicebox.controller.redis.RedisUsers;
import io.juicebox.controller.registry.ClaimOutcome;
import io.juicebox.controller.registry.Registry;
import io.juicebox.controller.registry.VolumeRecord;
import io.juicebox.csi.status.DriverException;
import io.juicebox.csi.volume.BackendName;
import io.juicebox.csi.volume.VolumeId;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives the servers of one backend back what they have lost: the users of a Redis that was started
 * without them, the accounts of an object store. It looks from time to time, one controller at a
 * time. The first look of a process at a server writes all users anew, whose rules another version
 * may have made.
 */
public final class Restorer {
  private static final Logger LOG = LoggerFactory.getLogger(Restorer.class);
  private static final Duration INTERVAL = Duration.ofSeconds(15);
  private static final Duration ACCOUNTS = Duration.ofSeconds(10);
  private static final int PAGE = 200;

  private final BackendName backend;
  private final Registry registry;
  private final Users users;
  private final Accounts accounts;
  private final VolumeCredentials credentials;

  /** What each server, by its name, was last asked to keep over its restart. */
  private final Map<String, Set<String>> saved = new HashMap<>();

  /** Servers whose users all have the rules of this version. */
  private final Set<String> written = new HashSet<>();

  /** What was last said of each thing that fails, so that it is said once. */
  private final Map<String, String> told = new HashMap<>();

  public Restorer(
      BackendName backend,
      Registry registry,
      Users users,
      Accounts accounts,
      VolumeCredentials credentials) {
    this.backend = backend;
    this.registry = registry;
    this.users = users;
    this.accounts = accounts;
    this.credentials = credentials;
  }

  /** Looks now and then for the life of the process, on a virtual thread. */
  public void start() {
    Thread.ofVirtual().name("restorer-" + backend.value()).start(this::run);
  }

  private void run() {
    try {
      while (!Thread.currentThread().isInterrupted()) {
        orLog("the credentials on " + backend.value(), this::look);
        Thread.sleep(INTERVAL);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** One look, unless another controller is at it. */
  public void look() {
    var lease = registry.claimCredentials();
    if (lease.isEmpty()) {
      return;
    }
    try (var _ = lease.get()) {
      Set<String> owners = owners();
      for (RedisUsers server : users.servers()) {
        orLog(server.server(), () -> lookAt(server, owners));
      }
      if (!owners.isEmpty()) {
        orLog("the accounts on " + backend.value(), () -> lookAtAccounts(owners));
      }
    }
  }

  /** The ids of all volumes that have credentials of their own. */
  private Set<String> owners() {
    var owners = new TreeSet<String>();
    List<VolumeRecord> page = registry.first(PAGE);
    while (!page.isEmpty()) {
      page.stream()
          .filter(volume -> volume.password().isPresent())
          .forEach(volume -> owners.add(volume.id().value()));
      page = registry.after(page.getLast().id(), PAGE);
    }
    return owners;
  }

  /** The names are read after the owners: whoever has come meanwhile has lost nothing. */
  private void lookAt(RedisUsers server, Set<String> owners) {
    Set<String> names = server.names();
    boolean first = !written.contains(server.server());
    for (String owner : owners) {
      boolean lost = !names.contains(owner);
      if (lost || first) {
        whileReady(owner, volume -> restore(server, volume));
      }
      if (lost) {
        LOG.info("{} had lost the user of volume {}", server.server(), owner);
      }
    }
    written.add(server.server());
    removeStrangers(server, owners, names);
    if (!names.equals(saved.get(server.server()))) {
      saved.put(server.server(), names);
      var _ = server.save();
    }
  }

  private static void restore(RedisUsers server, VolumeRecord volume) {
    var rules = Users.rules(volume.number(), volume.password().orElseThrow());
    server.put(volume.id().value(), rules);
  }

  /** A user is made after its volume's record and goes before it. */
  private void removeStrangers(RedisUsers server, Set<String> owners, Set<String> names) {
    List<VolumeId> others =
        names.stream()
            .filter(name -> !owners.contains(name))
            .flatMap(name -> VolumeId.tryParse(name).stream())
            .filter(id -> id.backend().equals(backend))
            .toList();
    for (VolumeId stranger : registry.strangers(others)) {
      LOG.warn("{} has a user of volume {}, which is gone", server.server(), stranger);
      server.remove(stranger.value());
    }
  }

  /** As many as fit in a time, since each takes a second; the others come with the next look. */
  private void lookAtAccounts(Set<String> owners) {
    long end = System.nanoTime() + ACCOUNTS.toNanos();
    for (String account : accounts.missing(owners)) {
      if (System.nanoTime() - end > 0) {
        return;
      }
      whileReady(account, this::restoreAccount);
    }
  }

  private void restoreAccount(VolumeRecord volume) {
    if (credentials.restoreAccount(volume, ACCOUNTS)) {
      LOG.info("the object store had lost the account of volume {}", volume.id());
    } else {
      LOG.warn("the account of volume {} is lost, and so are its keys", volume.id());
    }
  }

  /** With the claim on it, so that it is not removed meanwhile; not while another call has it. */
  private void whileReady(String id, Consumer<VolumeRecord> work) {
    if (registry.claim(new VolumeId(id)) instanceof ClaimOutcome.Claimed(var claim, var volume)) {
      try (claim) {
        if (volume.state() == VolumeRecord.State.READY) {
          work.accept(volume);
        }
      }
    }
  }

  /** One failure must not keep the others from what they need. */
  private void orLog(String what, Runnable work) {
    try {
      work.run();
      told.remove(what);
    } catch (DriverException e) {
      String why = String.valueOf(e.getMessage());
      if (!why.equals(told.put(what, why))) {
        LOG.warn("{}: {}", what, why);
      }
    } catch (RuntimeException e) {
      LOG.error("{} could not be looked at", what, e);
    }
  }
}
