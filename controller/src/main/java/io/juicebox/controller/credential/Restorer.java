package io.juicebox.controller.credential;

import io.juicebox.controller.meta.Users;
import io.juicebox.controller.object.Accounts;
import io.juicebox.controller.redis.RedisUsers;
import io.juicebox.controller.registry.Claim;
import io.juicebox.controller.registry.ClaimOutcome;
import io.juicebox.controller.registry.IssuedCredentials;
import io.juicebox.controller.registry.Registry;
import io.juicebox.controller.registry.Rotations;
import io.juicebox.controller.registry.VolumeRecord;
import io.juicebox.csi.status.DriverException;
import io.juicebox.csi.volume.BackendName;
import io.juicebox.csi.volume.CredentialName;
import io.juicebox.csi.volume.VolumeId;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives the servers of one backend back what they have lost: the users of a Redis that was started
 * without them, the accounts of an object store; and goes on with rotations. It looks from time to
 * time, and as soon as the server of all mounts has restarted: until then they work no more. One
 * controller looks at a time. The first look of a process at a server writes all users anew, whose
 * rules another version may have made.
 */
public final class Restorer {
  private static final Logger LOG = LoggerFactory.getLogger(Restorer.class);
  private static final Duration INTERVAL = Duration.ofSeconds(15);

  /** How often it is asked whether the first server has restarted. */
  private static final Duration POLL = Duration.ofMillis(250);

  private static final Duration ROTATIONS = Duration.ofSeconds(10);
  private static final Duration ACCOUNTS = Duration.ofSeconds(10);
  private static final int MOST_ROTATIONS = 200;

  private final BackendName backend;
  private final Registry registry;
  private final Rotations rotations;
  private final Users users;
  private final Accounts accounts;
  private final VolumeCredentials credentials;
  private final Rotation rotation;

  /** What each server, by its name, was last asked to keep over its restart. */
  private final Map<String, Set<String>> saved = new HashMap<>();

  /** Servers whose users all have the rules of this version. */
  private final Set<String> written = new HashSet<>();

  /** The run of the first server that was last looked at. */
  private String seen = "";

  /** What was last said of each thing that fails, so that it is said once. */
  private final Map<String, String> told = new HashMap<>();

  public Restorer(
      BackendName backend,
      Registry registry,
      Rotations rotations,
      Users users,
      Accounts accounts,
      VolumeCredentials credentials,
      Rotation rotation) {
    this.backend = backend;
    this.registry = registry;
    this.rotations = rotations;
    this.users = users;
    this.accounts = accounts;
    this.credentials = credentials;
    this.rotation = rotation;
  }

  /** Looks now and then for the life of the process, on a virtual thread. */
  public void start() {
    Thread.ofVirtual().name("restorer-" + backend.value()).start(this::run);
  }

  private void run() {
    try {
      while (!Thread.currentThread().isInterrupted()) {
        orLog("the credentials on " + backend.value(), this::look);
        awaitNext();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void awaitNext() throws InterruptedException {
    long end = System.nanoTime() + INTERVAL.toNanos();
    do {
      Thread.sleep(POLL);
    } while (System.nanoTime() - end < 0 && !hasRestarted());
  }

  private boolean hasRestarted() {
    try {
      return !users.run().equals(seen);
    } catch (RuntimeException e) {
      return false; // it is away; of all else the next look tells
    }
  }

  /** One look, unless another controller is at it. */
  public void look() {
    var lease = registry.claimCredentials();
    if (lease.isEmpty()) {
      return;
    }
    try (var _ = lease.get()) {
      seen = users.run();
      List<IssuedCredentials> issued = issued();
      for (RedisUsers server : users.servers()) {
        orLog(server.server(), () -> lookAt(server, issued));
      }
      if (!issued.isEmpty()) {
        orLog("the accounts on " + backend.value(), () -> lookAtAccounts(issued));
      }
      goOnWithRotations();
    }
  }

  private void goOnWithRotations() {
    List<VolumeId> due = rotations.due(MOST_ROTATIONS);
    if (!due.isEmpty()) {
      orLog(
          "the rotations on " + backend.value(),
          () -> {
            Map<String, Set<String>> clients = users.clients();
            long end = System.nanoTime() + ROTATIONS.toNanos();
            for (VolumeId id : due) {
              if (System.nanoTime() - end > 0) {
                return; // the others come with the next look
              }
              orLog(
                  "the rotation of volume " + id,
                  () -> whileReady(id, (claim, volume) -> rotation.goOn(claim, volume, clients)));
            }
          });
    }
  }

  /** Of all volumes that have credentials of their own. */
  private List<IssuedCredentials> issued() {
    return registry.all().flatMap(volume -> volume.issued().stream()).toList();
  }

  /** The names are read after the records: whoever has come meanwhile has lost nothing. */
  private void lookAt(RedisUsers server, List<IssuedCredentials> issued) {
    Set<String> names = server.names();
    var expected = new HashSet<String>();
    boolean first = !written.contains(server.server());
    for (IssuedCredentials each : issued) {
      var wanted = each.users().keySet().stream().map(CredentialName::value).toList();
      each.names().forEach(name -> expected.add(name.value()));
      boolean lost = !names.containsAll(wanted);
      if (lost) {
        whileReady(
            each.volume(),
            (_, volume) -> {
              restore(server, volume);
              LOG.info("{} had lost a user of volume {}", server.server(), volume.id());
            });
      } else if (first) {
        whileReady(each.volume(), (_, volume) -> restore(server, volume));
      }
    }
    written.add(server.server());
    removeStrangers(server, expected, names);
    if (!names.equals(saved.get(server.server()))) {
      saved.put(server.server(), names);
      var _ = server.save();
    }
  }

  private static void restore(RedisUsers server, VolumeRecord volume) {
    volume
        .issued()
        .ifPresent(issued ->
            issued
                .users()
                .forEach((name, password) ->
                    server.put(name.value(), Users.rules(volume.number(), password))));
  }

  /**
   * A user is made after its volume's record, and after a ready volume's record names it, and goes
   * before that. A replica that was away may have kept it.
   */
  private void removeStrangers(RedisUsers server, Set<String> expected, Set<String> names) {
    List<CredentialName> others =
        names.stream()
            .filter(name -> !expected.contains(name))
            .flatMap(name -> CredentialName.tryParse(name).stream())
            .filter(name -> name.volume().backend().equals(backend))
            .toList();
    Set<VolumeId> gone =
        Set.copyOf(registry.strangers(others.stream().map(CredentialName::volume).toList()));
    for (CredentialName other : others) {
      if (gone.contains(other.volume())) {
        LOG.warn("{} has a user of volume {}, which is gone", server.server(), other.volume());
        server.remove(other.value());
      } else {
        whileReady(other.volume(), (_, volume) -> removeFormer(server, volume, other));
      }
    }
  }

  private static void removeFormer(RedisUsers server, VolumeRecord volume, CredentialName name) {
    if (!volume.credentialNames().contains(name)) {
      LOG.warn("{} has the user {}, which its volume has no more", server.server(), name);
      server.remove(name.value());
    }
  }

  /** As many as fit in a time, since each takes a second; the others come with the next look. */
  private void lookAtAccounts(List<IssuedCredentials> issued) {
    long end = System.nanoTime() + ACCOUNTS.toNanos();
    Set<String> missing =
        accounts.missing(issued.stream().map(each -> each.name().value()).toList());
    for (IssuedCredentials each : issued) {
      if (missing.contains(each.name().value()) && System.nanoTime() - end < 0) {
        whileReady(each.volume(), (_, volume) -> restoreAccount(volume));
      }
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
  private void whileReady(VolumeId id, BiConsumer<Claim, VolumeRecord> work) {
    if (registry.claim(id) instanceof ClaimOutcome.Claimed(var claim, var volume)) {
      try (claim) {
        if (volume.state() == VolumeRecord.State.READY) {
          work.accept(claim, volume);
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
