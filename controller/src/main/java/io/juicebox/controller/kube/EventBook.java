package io.juicebox.controller.kube;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The failures that were or have to be told as Events, and when. A failure that comes again is
 * counted in its Event, which is written once a minute at most. Bounded in all directions: a volume
 * whose failure has another text each time has five Events in ten minutes, and with a thousand
 * untold failures in the book others are lost.
 */
final class EventBook {
  static final int MOST = 1_000;
  static final int MOST_OF_A_VOLUME = 5;
  static final Duration BETWEEN_EVENTS = Duration.ofMinutes(10);
  static final Duration BETWEEN_COUNTS = Duration.ofMinutes(1);
  static final Duration AGAIN = Duration.ofSeconds(30);
  private static final Duration NOTHING_DUE = Duration.ofHours(1);

  /**
   * What has to be written.
   *
   * @param event the name of the Event that is to have this count; empty when there is none yet
   */
  record Due(Failure failure, Optional<String> event, int count, Instant first, Instant last) {}

  private static final class Entry {
    private Instant first;
    private Instant last;
    private Instant due;
    private int count = 1;
    private int told;
    private @Nullable String event;

    Entry(Instant now) {
      first = now;
      last = now;
      due = now;
    }

    boolean isTold() {
      return told == count;
    }
  }

  private final InstantSource clock;
  private final Map<Failure, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);

  EventBook(InstantSource clock) {
    this.clock = clock;
  }

  /** A failure came, or came again; false when it is one too many and will not be told. */
  synchronized boolean happened(Failure failure) {
    Instant now = clock.instant();
    Entry known = entries.get(failure);
    if (known != null) {
      known.count++;
      known.last = now;
      return true;
    }
    if (isCrowded(failure.whose(), now) || !hasRoom()) {
      return false;
    }
    entries.put(failure, new Entry(now));
    return true;
  }

  private boolean isCrowded(Whose whose, Instant now) {
    Instant since = now.minus(BETWEEN_EVENTS);
    return entries.entrySet().stream()
            .filter(it -> it.getKey().whose().equals(whose) && it.getValue().first.isAfter(since))
            .count()
        >= MOST_OF_A_VOLUME;
  }

  /** Makes room, if it must: what was told and has not come again for longest is forgotten. */
  private boolean hasRoom() {
    if (entries.size() < MOST) {
      return true;
    }
    var told = entries.entrySet().iterator();
    while (told.hasNext()) {
      if (told.next().getValue().isTold()) {
        told.remove();
        return true;
      }
    }
    return false;
  }

  /** A failure whose time has come; empty when there is none now. */
  synchronized Optional<Due> due() {
    Instant now = clock.instant();
    for (var it : entries.entrySet()) {
      Entry entry = it.getValue();
      if (!entry.isTold() && !entry.due.isAfter(now)) {
        return Optional.of(
            new Due(
                it.getKey(),
                Optional.ofNullable(entry.event),
                entry.count,
                entry.first,
                entry.last));
      }
    }
    return Optional.empty();
  }

  /** How long nothing is due, unless something happens meanwhile. */
  synchronized Duration idle() {
    Instant now = clock.instant();
    return entries.values().stream()
        .filter(entry -> !entry.isTold())
        .map(entry -> Duration.between(now, entry.due))
        .reduce(NOTHING_DUE, (one, other) -> one.compareTo(other) < 0 ? one : other);
  }

  /** The Event has been written. */
  synchronized void told(Due due, String event) {
    change(
        due,
        entry -> {
          entry.event = event;
          entry.told = due.count();
          entry.due = clock.instant().plus(BETWEEN_COUNTS);
        });
  }

  /** It could not be written for now. */
  synchronized void later(Due due) {
    change(due, entry -> entry.due = clock.instant().plus(AGAIN));
  }

  /** The API server has no such Event any more: they live for an hour. The next one counts anew. */
  synchronized void expired(Due due) {
    change(
        due,
        entry -> {
          entry.event = null;
          entry.count -= entry.told;
          entry.told = 0;
          entry.first = entry.last;
        });
  }

  /** It can't be told to anybody. */
  synchronized void forget(Due due) {
    entries.remove(due.failure());
  }

  private void change(Due due, Consumer<Entry> change) {
    Entry entry = entries.get(due.failure());
    if (entry != null) {
      change.accept(entry);
    }
  }
}
