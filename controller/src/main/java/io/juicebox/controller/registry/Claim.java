package io.juicebox.controller.registry;

import io.juicebox.csi.status.DriverException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The right to change one volume or snapshot, until it is closed: a lease in the registry, renewed
 * by a virtual thread of its own, and a fencing token that every transition checks.
 *
 * <p>It can be lost when the registry was away for longer than the lease. Transitions then refuse
 * it; nothing that happened before is harmed, because every step may be repeated by the next
 * holder.
 */
public final class Claim implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Claim.class);

  private static final Duration PATIENCE = Duration.ofMillis(500);

  private final Leases leases;
  private final String key;
  private final String token;
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile long heldUntil;

  Claim(Leases leases, String key, String token) {
    this.leases = leases;
    this.key = key;
    this.token = token;
    this.heldUntil = System.nanoTime() + leases.duration().toNanos();
    Thread.ofVirtual().name("claim-" + key).start(this::keep);
  }

  /** What it is on: the id of a volume or a snapshot, or the name of a work. */
  public String key() {
    return key;
  }

  /** The fencing token: no other claim has it, and a later one has a larger number. */
  public String token() {
    return token;
  }

  /** The transition that the holder asked for ended the claim in the registry. */
  void spent() {
    ended.countDown();
  }

  private void keep() {
    Duration pause = leases.duration().dividedBy(3);
    try {
      while (!ended.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
        if (!renewed()) {
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether it is ours for all we know: false once the lease was not renewed in time. */
  public boolean isHeld() {
    return ended.getCount() > 0 && System.nanoTime() - heldUntil < 0;
  }

  private boolean renewed() {
    long asked = System.nanoTime();
    try {
      boolean held = leases.renew(key, token);
      heldUntil = held ? asked + leases.duration().toNanos() : asked;
      return held;
    } catch (DriverException e) {
      LOG.debug("the claim on {} could not be renewed: {}", key, e.getMessage());
      return true; // the next attempt may find the registry again, in time or too late
    }
  }

  /**
   * Gives the volume back. A registry that does not answer lets the lease run out instead: whoever
   * waits for the result of a call has waited for the registry once already.
   */
  @Override
  public void close() {
    if (ended.getCount() == 0) {
      return;
    }
    ended.countDown();
    try {
      Thread.ofVirtual().name("release-" + key).start(this::release).join(PATIENCE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void release() {
    try {
      leases.release(key, token);
    } catch (DriverException e) {
      LOG.debug("the claim on {} ends with its lease: {}", key, e.getMessage());
    }
  }
}
