package io.juicebox.test.faults;

import io.juicebox.test.server.Waiting;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** What an application may see of each event: decision 10 of the design. */
final class Contract {
  /** The kinds that have descriptors open for writing. */
  private static final Set<String> WRITERS = Set.of("writer", "sqlite", "locker-1", "locker-2");

  /** A descriptor that was lost is found out when it is used next. */
  static final Duration FOUND_OUT = Duration.ofSeconds(Row.LENIENCE);

  /**
   * SQLite takes any error of a lock of its WAL index for a lock that is held, and asks for ten
   * seconds until it gives up (SQLITE_PROTOCOL or, of a writer, SQLITE_BUSY; src/os_unix.c
   * unixShmSystemLock, src/wal.c walTryBeginRead).
   */
  static final Duration SQLITE = Duration.ofSeconds(10 + 5L * Row.LENIENCE);

  /**
   * A locker writes when it gets the lock, for which it competes with another: by bad luck after
   * many attempts, each of which a lost descriptor survives.
   */
  private static final Duration LOCKERS = Duration.ofSeconds(10 + 5L * Row.LENIENCE);

  private static final Duration POLL = Duration.ofMillis(100);

  private Contract() {}

  /** A plugin or a host process of the mount service ends, or anything in order: no error. */
  static List<String> nothing(Seen seen) {
    return Stream.concat(
            seen.failures().stream().map(failure -> "an error that nobody may see: " + failure),
            Stream.concat(seen.wrong().stream(), seen.doubleLocks().stream()))
        .toList();
  }

  /**
   * juicefs is killed: EBADF of descriptors open for writing, SIGBUS of their mappings, one error
   * of SQLite. Nothing else, nothing of who reads, and not for long.
   *
   * @param seen by a load from its start to its end
   * @param outages all that there were, in their order
   */
  static List<String> juicefsKilled(Seen seen, List<Outage> outages) {
    return only(Contract::ofLostDescriptor, seen, outages);
  }

  /**
   * All is killed: ENOTCONN for everybody until the volume is published again (ECONNABORTED for
   * what was under way, ENOENT at a path while the old publication is replaced, SQLite's own word
   * for either), and afterwards what there is when juicefs is killed.
   *
   * @param outages until the volume was published again
   */
  static List<String> allKilled(Seen seen, List<Outage> outages) {
    var gone = Set.of("ENOTCONN", "ECONNABORTED", "ENOENT", "SQLITE_CANTOPEN");
    return only(
        failure -> ofLostDescriptor(failure) || gone.contains(failure.error()), seen, outages);
  }

  private static List<String> only(
      Predicate<Seen.Failure> allowed, Seen seen, List<Outage> outages) {
    return Stream.of(
            seen.failures().stream().flatMap(failure -> doubt(allowed, failure, outages).stream()),
            seen.wrong().stream(),
            seen.doubleLocks().stream())
        .flatMap(Function.identity())
        .toList();
  }

  /** What is wrong with an error; it belongs to the last outage that had begun. */
  private static Optional<String> doubt(
      Predicate<Seen.Failure> allowed, Seen.Failure failure, List<Outage> outages) {
    var last =
        outages.stream().filter(it -> it.killed() < failure.ended()).reduce((_, later) -> later);
    if (last.isEmpty()) {
      return Optional.of("an error, and nothing had happened yet: " + failure);
    }
    long late = failure.ended() - last.get().served();
    return allowed.test(failure) && late < foundOut(failure).toNanos()
        ? Optional.empty()
        : Optional.of(
            "an error that nobody may see, %d ms after it served again: %s"
                .formatted(late / 1_000_000, failure));
  }

  private static Duration foundOut(Seen.Failure failure) {
    if (failure.kind().equals("sqlite")) {
      return SQLITE;
    }
    return failure.kind().startsWith("locker") ? LOCKERS : FOUND_OUT;
  }

  private static boolean ofLostDescriptor(Seen.Failure failure) {
    var error = failure.error();
    if (failure.kind().equals("sqlite")
        && (error.equals("SIGBUS")
            || error.equals("SQLITE_PROTOCOL")
            || error.equals("SQLITE_BUSY")
            || error.startsWith("SQLITE_IOERR"))) {
      return true;
    }
    return error.equals("EBADF") && WRITERS.contains(failure.kind());
  }

  /** Waits until SQLite has found out, too; how long that took, zero if it did not. */
  static Duration awaitSqlite(Load load, long killed) {
    var _ = Waiting.until(() -> !sqliteFailures(load, killed).isEmpty(), SQLITE, POLL);
    return sqliteFailures(load, killed).stream()
        .map(failure -> Duration.ofNanos(failure.ended() - killed))
        .findFirst()
        .orElse(Duration.ZERO);
  }

  private static List<Seen.Failure> sqliteFailures(Load load, long killed) {
    return load.seen().failures().stream()
        .filter(failure -> failure.kind().equals("sqlite") && failure.ended() > killed)
        .toList();
  }

  /** The locks of a dead session are free: somebody has taken each within the limit. */
  static List<String> locksFree(Seen seen, long served, Duration limit) {
    return Stream.of("flock", "fcntl")
        .filter(lock ->
            seen.held().stream()
                .noneMatch(held ->
                    held.lock().equals(lock)
                        && held.taken() > served
                        && held.taken() < served + limit.toNanos()))
        .map(lock -> "nobody got the %s lock within %d ms".formatted(lock, limit.toMillis()))
        .toList();
  }
}
