package io.juicebox.node.claim;

import io.juicebox.csi.status.DriverException.OperationPending;
import io.juicebox.csi.volume.VolumeId;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One operation at a time on a thing: a volume of this node, a target path. A second one waits a
 * little, then is refused; the CO calls again.
 */
public final class Claims {
  private static final Logger LOG = LoggerFactory.getLogger(Claims.class);

  private final Duration patience;
  private final ConcurrentHashMap<String, Turn> turns = new ConcurrentHashMap<>();

  /**
   * @param patience how long a second operation waits
   */
  public Claims(Duration patience) {
    this.patience = patience;
  }

  /** What an operation holds until it is closed. */
  public interface Hold extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * Claims a thing for this operation.
   *
   * @throws OperationPending when another one kept it for longer than the patience
   */
  public Hold claim(String thing) {
    return claim(thing, patience);
  }

  /** As {@link #claim(String)}, with a patience of its own. */
  public Hold claim(String thing, Duration limit) {
    return take(thing, limit).orElseThrow(() -> new OperationPending(thing));
  }

  /** Claims a thing if nobody has it. */
  public Optional<Hold> claimNow(String thing) {
    return take(thing, Duration.ZERO);
  }

  /**
   * Works on a volume if no operation has it, for a sweep: a failure is told and stops nobody.
   *
   * @param what can't be done then, for the log
   */
  public void sweep(VolumeId volume, String what, Runnable work) {
    claimNow(volume.value())
        .ifPresent(hold -> {
          try (hold) {
            work.run();
          } catch (RuntimeException e) {
            LOG.warn("can't {} of volume {}: {}", what, volume, e.toString());
          }
        });
  }

  private Optional<Hold> take(String thing, Duration wait) {
    Turn turn =
        turns.compute(
            thing,
            (_, known) -> {
              Turn joined = known == null ? new Turn() : known;
              joined.users++;
              return joined;
            });
    boolean mine = false;
    try {
      mine = turn.free.tryAcquire(wait.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      if (!mine) {
        leave(thing);
      }
    }
    return mine ? Optional.of(() -> giveBack(thing, turn)) : Optional.empty();
  }

  private void giveBack(String thing, Turn turn) {
    turn.free.release();
    leave(thing);
  }

  private void leave(String thing) {
    turns.computeIfPresent(thing, (_, turn) -> --turn.users == 0 ? null : turn);
  }

  private static final class Turn {
    private final Semaphore free = new Semaphore(1);
    private int users; // guarded by the map's compute
  }
}
