package io.juicebox.node.health;

import io.juicebox.csi.status.DriverException.Late;
import io.juicebox.csi.status.DriverException.NotFound;
import io.juicebox.csi.volume.VolumeId;
import io.juicebox.node.health.VolumeHealth.State;
import io.juicebox.node.kernel.BoundedCalls;
import io.juicebox.node.kernel.FilesystemRoom;
import io.juicebox.node.kernel.Kernel;
import io.juicebox.node.kernel.KernelException;
import io.juicebox.node.mount.Mount;
import io.juicebox.node.mount.MountHealth;
import io.juicebox.node.mount.Mounts;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows the health of the volumes that are mounted here or that the CO failed to publish here. Each
 * change is one line in the log.
 *
 * <p>It looks at the mounts itself, and hears of them from the owner of the juicefs processes. Of a
 * volume whose process is in trouble it looks at nothing: a mount that nobody serves answers no
 * look.
 */
public final class HealthWatch {
  private static final Logger LOG = LoggerFactory.getLogger(HealthWatch.class);

  /** Failed attempts are kept for the CO to ask about; it won't ask for ever. */
  private static final Duration FAILURES_KEPT = Duration.ofHours(1);

  private final Kernel kernel;
  private final BoundedCalls calls;
  private final Mounts mounts;
  private final Duration limit;
  private final Clock clock;
  private final ConcurrentHashMap<VolumeId, VolumeHealth> known = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<VolumeId, MountHealth> troubles = new ConcurrentHashMap<>();

  /**
   * @param limit for a filesystem to answer
   */
  public HealthWatch(
      Kernel kernel, BoundedCalls calls, Mounts mounts, Duration limit, Clock clock) {
    this.kernel = kernel;
    this.calls = calls;
    this.mounts = mounts;
    this.limit = limit;
    this.clock = clock;
  }

  /**
   * Looks at a volume now.
   *
   * @throws NotFound when it is not mounted here and no attempt to publish it failed lately
   */
  public VolumeHealth check(VolumeId volume) {
    Optional<Mount> mount = mounts.find(volume);
    if (mount.isPresent()) {
      return check(mount.get());
    }
    VolumeHealth last = known.get(volume);
    if (last != null && last.state() == State.PUBLISH_FAILED) {
      return last;
    }
    throw new NotFound("volume %s is not published on this node".formatted(volume));
  }

  /**
   * Looks at all mounts, and forgets what is no more. They are asked at once, so that hung ones
   * cost one limit together; where more hang than the pool has threads, those that wait for one
   * count as hung, too.
   */
  public void checkAll() {
    List<Mount> all = mounts.list();
    try (ExecutorService each = Executors.newVirtualThreadPerTaskExecutor()) {
      all.forEach(mount -> each.execute(() -> check(mount)));
    }
    Set<VolumeId> mounted = all.stream().map(Mount::volume).collect(Collectors.toSet());
    troubles.keySet().retainAll(mounted);
    var oldest = clock.instant().minus(FAILURES_KEPT);
    known
        .values()
        .removeIf(health ->
            !mounted.contains(health.volume())
                && (health.state() != State.PUBLISH_FAILED || health.since().isBefore(oldest)));
  }

  /** The owner of the juicefs processes says how one is. */
  public void told(MountHealth word) {
    VolumeId volume = word.volume();
    if (word.state() != MountHealth.State.SERVING) {
      troubles.put(volume, word);
      note(trouble(word));
    } else if (troubles.remove(volume) != null) {
      var room = last(volume).flatMap(VolumeHealth::room);
      note(new VolumeHealth(volume, State.HEALTHY, "", word.since(), room));
    }
  }

  /** As {@link #told}, of all mounts: what was said of others before holds no more. */
  public void toldAll(Collection<MountHealth> words) {
    troubles
        .keySet()
        .retainAll(words.stream().map(MountHealth::volume).collect(Collectors.toSet()));
    words.forEach(this::told);
  }

  private static VolumeHealth trouble(MountHealth word) {
    State state =
        switch (word.state()) {
          case SERVING -> State.HEALTHY;
          case HUNG -> State.NOT_ANSWERING;
          case RESTARTING -> State.RESTARTING;
          case FAILED -> State.BROKEN;
        };
    return new VolumeHealth(word.volume(), state, word.cause(), word.since(), Optional.empty());
  }

  /** An attempt to publish failed. */
  public void publishFailed(VolumeId volume, String cause) {
    if (mounts.find(volume).isEmpty()) {
      note(volume, State.PUBLISH_FAILED, cause, Optional.empty());
    }
  }

  /**
   * A volume was published, or was again: the call has seen that it works, if not how full it is.
   */
  public void published(VolumeId volume) {
    note(volume, State.HEALTHY, "", last(volume).flatMap(VolumeHealth::room));
  }

  /** A volume was unpublished, which may have been its last publication here. */
  public void unpublished(VolumeId volume) {
    if (mounts.find(volume).isEmpty()) {
      known.remove(volume);
    }
  }

  /** How many volumes of this node don't work, as of the last looks. */
  public long unhealthy() {
    return known.values().stream().filter(health -> !health.healthy()).count();
  }

  /** What is known of a volume; looks at nothing. */
  public Optional<VolumeHealth> last(VolumeId volume) {
    return Optional.ofNullable(known.get(volume));
  }

  /** How the mounts answer together, as of the last looks. */
  public StorageHealth storage() {
    var states = known.values().stream().map(VolumeHealth::state).toList();
    return new StorageHealth(
        Collections.frequency(states, State.HEALTHY),
        Collections.frequency(states, State.NOT_ANSWERING));
  }

  private VolumeHealth check(Mount mount) {
    VolumeId volume = mount.volume();
    MountHealth trouble = troubles.get(volume);
    if (trouble != null) {
      return note(trouble(trouble));
    }
    try {
      FilesystemRoom room =
          calls.call(volume, "statfs", limit, () -> kernel.statfs(mount.directory()));
      return note(volume, State.HEALTHY, "", Optional.of(room));
    } catch (Late e) {
      return note(volume, State.NOT_ANSWERING, String.valueOf(e.getMessage()), Optional.empty());
    } catch (KernelException e) {
      return note(
          volume, State.BROKEN, e.getMessage() + "; publish the volume again", Optional.empty());
    }
  }

  private VolumeHealth note(
      VolumeId volume, State state, String cause, Optional<FilesystemRoom> room) {
    return note(new VolumeHealth(volume, state, cause, clock.instant(), room));
  }

  private VolumeHealth note(VolumeHealth now) {
    return known.compute(
        now.volume(),
        (volume, last) -> {
          if (last != null && last.state() == now.state()) {
            return new VolumeHealth(volume, now.state(), now.cause(), last.since(), now.room());
          }
          if (!now.healthy()) {
            LOG.warn("volume {} is unwell: {} {}", volume, now.state().reason(), now.cause());
          } else if (last != null) {
            LOG.info("volume {} is well again", volume);
          }
          return now;
        });
  }
}
