package io.juicebox.controller.fork;

import io.juicebox.controller.fork.Entry.More;
import io.juicebox.controller.fork.Entry.Value;
import io.juicebox.controller.fork.ReadReport.Way;
import io.juicebox.controller.fork.ReadSteps.Page;
import io.juicebox.controller.redis.ChangeFeed;
import io.juicebox.controller.redis.ChangeFeed.Last;
import io.juicebox.controller.redis.LargeValue;
import io.juicebox.controller.redis.LargeValue.Part;
import io.juicebox.controller.redis.RedisConnection;
import io.juicebox.controller.redis.RedisServer;
import io.juicebox.csi.status.DriverException.BackendUnavailable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * Reads all the metadata of a filesystem as of one instant, while it is in use.
 *
 * <p>What fits into one step is read in one. Else everything is read bit by bit while a {@link
 * ChangeFeed} tells what changes meanwhile; that is read again, until little is left; and the last
 * of it is read in an interval in which nothing changed: by luck, or because writes were paused. A
 * pause ends by itself, and what did not fit into it is tried again.
 */
final class MetadataReader {
  /** When the last step begins; what is left then is read in it. */
  private static final int FEW_KEYS = 200;

  private static final int MOST_ROUNDS = 5;
  private static final int KEYS_A_STEP = 200;
  private static final int PARTS_A_STEP = 1_000;

  private static final int MOST_CUTS = 8;
  private static final String SETTING = "setting";

  private final RedisConnection redis;
  private final RedisServer server;
  private final StepCost cost;

  /**
   * @param redis stays in the number
   */
  MetadataReader(RedisConnection redis, StepCost cost) {
    this.redis = redis;
    this.server = new RedisServer(redis);
    this.cost = cost;
  }

  /**
   * Reads it.
   *
   * @param sink takes the entries; what it got is good only when this method has returned
   */
  ReadReport read(UUID filesystem, Consumer<Entry> sink) {
    return read(new ReadSteps(redis, filesystem, cost, Optional.empty()), sink);
  }

  /**
   * Reads it, and has the server copy what it can; what was copied is good only when this method
   * has returned, too.
   *
   * @param sink takes the entries of the rest
   */
  ReadReport copy(UUID filesystem, Filling filling, Consumer<Entry> sink) {
    return read(new ReadSteps(redis, filesystem, cost, Optional.of(filling)), sink);
  }

  private ReadReport read(ReadSteps steps, Consumer<Entry> sink) {
    steps.calibrate();
    Optional<List<Entry>> all = steps.all();
    if (all.isPresent()) {
      all.get().forEach(sink);
      return new ReadReport(Way.AT_ONCE, steps.elements(), steps.longest(), Duration.ZERO, 1);
    }
    try (ChangeFeed feed = redis.follow()) {
      return new Reading(steps, feed, sink).run();
    }
  }

  /** One reading in many steps. */
  private final class Reading {
    private final ReadSteps steps;
    private final ChangeFeed feed;
    private final Consumer<Entry> sink;
    private final Set<String> stale = new HashSet<>();
    private Duration pause = Duration.ZERO;

    Reading(ReadSteps steps, ChangeFeed feed, Consumer<Entry> sink) {
      this.steps = steps;
      this.feed = feed;
      this.sink = sink;
    }

    ReadReport run() {
      readAll();
      stale.addAll(feed.changed());
      for (int round = 0; round < MOST_ROUNDS && stale.size() > FEW_KEYS; round++) {
        var keys = Set.copyOf(stale);
        stale.clear();
        read(keys, value -> stale.add(value.key()), sink); // a large one is left for the end
        stale.addAll(feed.changed());
      }
      return cut();
    }

    private void readAll() {
      Optional<String> from = Optional.empty();
      do {
        Page page = steps.page(from);
        page.entries().forEach(sink);
        page.large().forEach(value -> parts(value, sink));
        stale.addAll(page.later());
        from = page.next();
      } while (from.isPresent());
    }

    /** Reads keys in steps; each of them anew. */
    private void read(Set<String> keys, Consumer<LargeValue> large, Consumer<Entry> to) {
      var left = new ArrayList<>(keys);
      while (!left.isEmpty()) {
        List<String> some = left.subList(0, Math.min(KEYS_A_STEP, left.size()));
        Page page = steps.keys(List.copyOf(some));
        some.clear();
        page.entries().forEach(to);
        page.large().forEach(large);
        left.addAll(page.later());
      }
    }

    private void parts(LargeValue value, Consumer<Entry> to) {
      ValueType type = ValueType.of(value.kind());
      boolean first = true;
      Optional<String> from = Optional.empty();
      do {
        Part part = steps.part(value, from, PARTS_A_STEP);
        to.accept(
            first
                ? new Value(value.key(), type, part.parts())
                : new More(value.key(), type, part.parts()));
        first = false;
        from = part.next();
      } while (from.isPresent());
    }

    /** The last step: all that changed, read while nothing does. */
    private ReadReport cut() {
      Duration atMost = Duration.ZERO; // the first attempt needs luck
      for (int attempt = 1; attempt <= MOST_CUTS; attempt++) {
        long began = System.nanoTime();
        boolean done = atMost.isZero() ? isCut() : isCutInPause(atMost);
        if (done) {
          feed.requireComplete();
          return new ReadReport(
              Way.COPIED_BEFORE, steps.elements(), steps.longest(), pause, attempt);
        }
        atMost = cost.pause(Duration.ofNanos(System.nanoTime() - began));
      }
      throw new BackendUnavailable(
          redis.server(),
          "what changed could not be read within a pause of %d ms, call again"
              .formatted(atMost.toMillis()),
          null);
    }

    /** Whether all that had changed was read before anything else did. */
    private boolean isCut() {
      var entries = new ArrayList<Entry>();
      read(stale(feed.changed()), value -> parts(value, entries::add), entries::add);
      return complete(feed.changed(), entries);
    }

    private boolean isCutInPause(Duration atMost) {
      long began = System.nanoTime();
      try {
        var entries = new ArrayList<Entry>();
        var large = new ArrayList<LargeValue>();
        read(stale(feed.pauseWrites(atMost)), large::add, entries::add);
        Last last = feed.readAndResume(large);
        waited(Duration.ofNanos(last.resumedAt() - began), atMost);
        for (int i = 0; i < large.size(); i++) {
          LargeValue value = large.get(i);
          entries.add(new Value(value.key(), ValueType.of(value.kind()), last.values().get(i)));
        }
        return complete(last.changed(), entries);
      } catch (RuntimeException e) {
        server.resumeWrites();
        throw e;
      }
    }

    private void waited(Duration paused, Duration atMost) {
      pause = pause.plus(paused.compareTo(atMost) < 0 ? paused : atMost);
    }

    /** What is to be read now: with the setting, as FLUSHDB tells no one. */
    private Set<String> stale(Set<String> changed) {
      stale.addAll(changed);
      stale.add(SETTING);
      return stale;
    }

    private boolean complete(Set<String> meanwhile, List<Entry> entries) {
      if (!meanwhile.isEmpty()) {
        stale.addAll(meanwhile);
        return false;
      }
      entries.forEach(sink);
      return true;
    }
  }
}
