package io.juicebox.controller.credential;

import io.juicebox.controller.object.Account;
import io.juicebox.controller.object.Accounts;
import io.juicebox.controller.object.Grant;
import io.juicebox.controller.registry.Blanks;
import io.juicebox.csi.status.DriverException;
import io.juicebox.csi.volume.BackendName;
import io.juicebox.csi.volume.CredentialName;
import io.juicebox.csi.volume.Lineage;
import io.juicebox.csi.volume.Member;
import io.juicebox.csi.volume.VolumeId;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Accounts of one backend that are made before their volumes, because making one takes a second. A
 * volume needs nothing else of them: its number, its filesystem and its Redis user cost about a
 * millisecond each, and depend on its parameters.
 *
 * <p>The secrets of blanks are in memory only, so they are this process's alone; those of one that
 * ended are torn when their lease has run out, and the next {@link #maintain} of any controller
 * removes their accounts.
 */
public final class AccountPool {
  private static final Logger LOG = LoggerFactory.getLogger(AccountPool.class);
  private static final Duration LEASE = Duration.ofSeconds(60);
  private static final Duration HOLD = Duration.ofSeconds(15);
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration LAST = Duration.ofSeconds(5);
  private static final int MOST_TORN = 100;
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = HOLD;

  /** Calls that come within so long of each other are not slowed by the making of accounts ... */
  private static final Duration QUIET = Duration.ofMillis(250);

  /** ... for so long at most. */
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(1);

  private final BackendName backend;
  private final String bucket;
  private final Blanks blanks;
  private final Accounts accounts;
  private final int size;
  private final ConcurrentLinkedQueue<Blank> ready = new ConcurrentLinkedQueue<>();
  private final Semaphore taken = new Semaphore(0);
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread filler;
  private volatile long lastTaken = System.nanoTime() - QUIET.toNanos();
  private final AtomicReference<String> told = new AtomicReference<>("");

  /**
   * @param bucket that volumes share
   * @param size how many to have; 0 for none
   */
  public AccountPool(
      BackendName backend, String bucket, Blanks blanks, Accounts accounts, int size) {
    this.backend = backend;
    this.bucket = bucket;
    this.blanks = blanks;
    this.accounts = accounts;
    this.size = size;
    this.filler = Thread.ofVirtual().name("account-pool-" + backend.value()).unstarted(this::run);
  }

  /** Fills it for the life of the process, on a virtual thread. */
  public void start() {
    filler.start();
  }

  /** One of those that are ready, from now on the caller's. */
  Optional<Blank> take() {
    lastTaken = System.nanoTime();
    Optional<Blank> blank = Optional.ofNullable(ready.poll());
    taken.release();
    return blank;
  }

  /** Takes one back that became no volume. */
  void giveBack(Blank blank) {
    ready.add(blank);
  }

  /** How many are ready. */
  public int count() {
    return ready.size();
  }

  /** Makes no more, and removes those that wait: the registry forgets them in time. */
  public void close() {
    closed.countDown();
    taken.release();
    awaitFiller();
    removeAll();
  }

  /** One may be under way. */
  private void awaitFiller() {
    try {
      if (filler.isAlive() && !filler.join(LAST)) {
        LOG.warn("an account that is being made stays until a controller starts");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void removeAll() {
    for (Blank blank = ready.poll(); blank != null; blank = ready.poll()) {
      try {
        accounts.remove(blank.id().value());
      } catch (DriverException e) {
        LOG.warn("the account {} stays until a controller starts: {}", blank.id(), e.getMessage());
        return;
      }
    }
  }

  private void run() {
    Duration pause = FIRST_PAUSE;
    try {
      while (isOpen()) {
        if (maintained()) {
          pause = FIRST_PAUSE;
          var _ = taken.tryAcquire(HOLD.toMillis(), TimeUnit.MILLISECONDS);
          taken.drainPermits();
        } else {
          var _ = closed.await(pause.toMillis(), TimeUnit.MILLISECONDS);
          Duration twice = pause.multipliedBy(2);
          pause = twice.compareTo(LONGEST_PAUSE) < 0 ? twice : LONGEST_PAUSE;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean maintained() {
    try {
      maintain();
      told.set("");
      return true;
    } catch (DriverException e) {
      String why = String.valueOf(e.getMessage());
      if (!why.equals(told.getAndSet(why))) {
        LOG.warn("no account can be made in advance on {}: {}", backend.value(), why);
      }
      return false;
    } catch (RuntimeException e) {
      LOG.error("making accounts in advance on {} failed", backend.value(), e);
      return false;
    }
  }

  /** Keeps those that are there, removes what nobody keeps, and makes those that lack. */
  public void maintain() {
    if (size > 0) {
      accounts.requireOffered();
    }
    hold();
    discardTorn(); // first: to make one may take seconds
    long end = System.nanoTime() + HOLD.toNanos();
    while (ready.size() < size && isOpen()) {
      awaitQuiet();
      if (!isOpen()) {
        return;
      }
      VolumeId id = VolumeId.random(backend);
      blanks.reserve(id, LEASE);
      ready.add(make(id));
      if (System.nanoTime() - end > 0) {
        hold();
        end = System.nanoTime() + HOLD.toNanos();
      }
    }
  }

  private void awaitQuiet() {
    long end = System.nanoTime() + LONGEST_WAIT.toNanos();
    try {
      for (long now = System.nanoTime(); now - end < 0; now = System.nanoTime()) {
        long left = Math.min(lastTaken + QUIET.toNanos(), end) - now;
        if (left <= 0) {
          return;
        }
        Thread.sleep(Duration.ofNanos(left));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What can't be removed now is tried again in time, and keeps nobody from having accounts. */
  private void discardTorn() {
    for (VolumeId torn : blanks.torn(MOST_TORN)) {
      try {
        accounts.remove(torn.value());
        blanks.discard(torn);
      } catch (DriverException e) {
        LOG.warn("the account {} that nobody needs stays for now: {}", torn, e.getMessage());
        return; // the others would wait as long
      }
    }
  }

  private boolean isOpen() {
    return closed.getCount() > 0;
  }

  /** Its volume may lie in the shared bucket or in one of its own. */
  private Blank make(VolumeId id) {
    Lineage lineage = Lineage.startedBy(id);
    Account account = Account.random(CredentialName.first(id));
    var buckets = List.of(bucket, lineage.value());
    accounts.put(account, new Grant(buckets, lineage, Member.FIRST), PATIENCE);
    return new Blank(id, account.secretKey());
  }

  private void hold() {
    List<VolumeId> ids = ready.stream().map(Blank::id).toList();
    if (!ids.isEmpty()) {
      List<VolumeId> lost = blanks.hold(ids, LEASE);
      for (Blank blank : List.copyOf(ready)) {
        // Else a volume took it just now. Whoever removed its account may have done so too early.
        if (lost.contains(blank.id()) && ready.remove(blank)) {
          accounts.remove(blank.id().value());
        }
      }
    }
  }
}
