package io.juicebox.controller.meta;

import io.juicebox.controller.redis.LuaScript;
import io.juicebox.controller.redis.RedisConnection;
import io.juicebox.csi.status.DriverException.PreconditionFailed;
import io.juicebox.csi.volume.Number;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What filesystems no longer need, in the numbers of one Redis: read and given up in small steps,
 * each of which is one script of a few milliseconds at most, atomic, and may be repeated.
 *
 * <p>A step that finds another filesystem in the number, or none, does nothing and says so: {@code
 * Optional.empty()}, and {@link Progress#NOTHING_LEFT} where it has nothing to answer. So does one
 * for a filesystem that nobody has mounted, when somebody has.
 *
 * <p>What it knows of JuiceFS is that of pkg/meta/redis.go and base.go, version 1.4. Failures are
 * those of {@link RedisConnection}.
 */
public final class Garbage {
  private static final LuaScript OWN = LuaScript.resource(Garbage.class, "own");
  private static final LuaScript CONDITION = load("condition");
  private static final LuaScript DEAD = load("dead");
  private static final LuaScript BURIED = load("buried");
  private static final LuaScript DELETE_FILES = load("deletefiles");
  private static final LuaScript END_SESSION = load("endsession");
  private static final LuaScript EMPTY_TRASH = load("emptytrash");
  private static final LuaScript DELAYED = load("delayed");
  private static final LuaScript NAMED = load("named");

  /** How the trash names its hours, in UTC. */
  private static final DateTimeFormatter HOUR =
      DateTimeFormatter.ofPattern("yyyy-MM-dd-HH").withZone(ZoneOffset.UTC);

  // What one script handles: one to three milliseconds of a server's time.
  private static final String FIELDS = "1000";
  private static final String KEYS = "200";
  private static final String CHUNKS = "500";
  private static final String ENTRIES = "200";

  private static final String BEGIN = "0";

  /** Whether a step is to be repeated. */
  public enum Progress {
    MORE,
    NOTHING_LEFT
  }

  /** Where a filesystem names slices; all that is named nowhere is nobody's. */
  public enum Place {
    /** The chunks of files, also of those that are deleted or open without a name. */
    CHUNKS,
    /** Slices that a compaction replaced and that wait as long as the trash does. */
    DELAYED,
    /** The counters of references. */
    COUNTERS
  }

  /**
   * A page of slices.
   *
   * @param next where the next page begins; empty after the last one
   */
  public record Page(List<Slice> slices, Optional<String> next) {}

  /**
   * A page of slices' ids.
   *
   * @param next where the next page begins; empty after the last one
   */
  public record Names(List<Long> ids, Optional<String> next) {}

  /**
   * How far the deletion of files' data came.
   *
   * @param file with which it goes on; empty when the step ended between two files
   */
  public record DeletedFiles(long done, Optional<String> file, String position) {
    /** Where to begin. */
    public static final DeletedFiles BEGIN = new DeletedFiles(0, Optional.empty(), Garbage.BEGIN);
  }

  private final RedisConnection redis;

  public Garbage(RedisConnection redis) {
    this.redis = redis;
  }

  private static LuaScript load(String name) {
    return LuaScript.of(name, OWN.text() + LuaScript.resource(Garbage.class, name).text());
  }

  /**
   * What there may be to do.
   *
   * @throws PreconditionFailed when its blocks have keys that none of ours have
   */
  public Optional<Condition> condition(Number number, UUID uuid) {
    return run(CONDITION, number, uuid)
        .map(answer -> {
          if (integer(answer, 0) <= 0 || integer(answer, 2) != 0) {
            throw new PreconditionFailed(
                "the filesystem in number %s has blocks under other keys: its setting was changed by somebody else"
                    .formatted(number));
          }
          return new Condition(
              Math.toIntExact(integer(answer, 0) << 10),
              Math.toIntExact(integer(answer, 1)),
              integer(answer, 3),
              integer(answer, 4),
              integer(answer, 5),
              integer(answer, 6) == 1,
              integer(answer, 7));
        });
  }

  /**
   * A page of the slices that nothing refers to: their counters are negative.
   *
   * @param from empty for the first page
   */
  public Optional<Page> dead(Number number, UUID uuid, Optional<String> from) {
    return run(DEAD, number, uuid, from.orElse(BEGIN), FIELDS)
        .map(answer -> new Page(slices(answer.subList(1, answer.size())), next(answer)));
  }

  /**
   * Drops the counters of slices whose blocks are gone.
   *
   * @return those that were dropped: dead still, and of this filesystem
   */
  public List<Slice> buried(Number number, UUID uuid, List<Slice> slices) {
    String[] fields = slices.stream().map(Slice::field).toArray(String[]::new);
    return run(BURIED, number, uuid, fields).map(Garbage::slices).orElse(List.of());
  }

  /**
   * Gives up data of deleted files, whose slices may be dead then; also where somebody has the
   * filesystem mounted and does the same.
   *
   * @param from {@link DeletedFiles#BEGIN}, or the last answer
   */
  public Optional<DeletedFiles> deleteFiles(Number number, UUID uuid, DeletedFiles from) {
    return run(DELETE_FILES, number, uuid, CHUNKS, from.file().orElse(""), from.position())
        .map(answer ->
            new DeletedFiles(
                integer(answer, 0),
                Optional.of(string(answer, 1)).filter(file -> !file.isEmpty()),
                string(answer, 2)));
  }

  /** Ends a part of an expired session, where nobody has the filesystem mounted. */
  public Progress endSession(Number number, UUID uuid) {
    return progress(run(END_SESSION, number, uuid, ENTRIES));
  }

  /**
   * Removes a part of what lies in the trash, where nobody has the filesystem mounted.
   *
   * @param before the hour of the first that stays
   */
  public Progress emptyTrash(Number number, UUID uuid, Instant before) {
    return progress(run(EMPTY_TRASH, number, uuid, HOUR.format(before), ENTRIES));
  }

  /**
   * Releases a page of slices that a compaction replaced, where nobody has the filesystem mounted.
   *
   * @param before when the first was replaced that stays
   * @param from empty for the first page
   * @return where the next page begins; empty when there is none
   */
  public Optional<String> releaseDelayed(
      Number number, UUID uuid, Instant before, Optional<String> from) {
    String second = Long.toString(before.getEpochSecond());
    return run(DELAYED, number, uuid, second, from.orElse(BEGIN)).flatMap(Garbage::next);
  }

  /**
   * A page of the ids that are named in a place, of those between two, and maybe a few near to
   * them.
   *
   * @param from empty for the first page
   */
  public Optional<Names> named(
      Number number, UUID uuid, Place place, Optional<String> from, long lowest, long highest) {
    return run(
            NAMED,
            number,
            uuid,
            word(place),
            from.orElse(BEGIN),
            KEYS,
            Long.toString(lowest),
            Long.toString(highest))
        .map(answer ->
            new Names(
                answer.subList(1, answer.size()).stream()
                    .map(id -> Long.parseLong(String.valueOf(id)))
                    .toList(),
                next(answer)));
  }

  private static String word(Place place) {
    return switch (place) {
      case CHUNKS -> "chunks";
      case DELAYED -> "delayed";
      case COUNTERS -> "counters";
    };
  }

  /** What follows the word; empty where the script did nothing. */
  private Optional<List<@Nullable Object>> run(
      LuaScript script, Number number, UUID uuid, String... more) {
    var arguments = new ArrayList<>(List.of(number.toString(), uuid.toString()));
    Stream.of(more).forEach(arguments::add);
    var answer = redis.list(script, List.of(), arguments.toArray(String[]::new));
    return switch (string(answer, 0)) {
      case "ok" -> Optional.of(answer.subList(1, answer.size()));
      case "gone", "live" -> Optional.empty();
      case String other -> throw new IllegalStateException(script.name() + " answered " + other);
    };
  }

  private static Progress progress(Optional<List<@Nullable Object>> answer) {
    return answer.map(values -> integer(values, 0)).orElse(0L) == 1
        ? Progress.MORE
        : Progress.NOTHING_LEFT;
  }

  /** The cursor that an answer begins with. */
  private static Optional<String> next(List<@Nullable Object> answer) {
    return Optional.of(string(answer, 0)).filter(cursor -> !cursor.equals(BEGIN));
  }

  private static List<Slice> slices(List<@Nullable Object> fields) {
    return fields.stream().flatMap(field -> Slice.parse(String.valueOf(field)).stream()).toList();
  }

  private static String string(List<@Nullable Object> answer, int index) {
    return String.valueOf(answer.get(index));
  }

  private static long integer(List<@Nullable Object> answer, int index) {
    return Long.parseLong(string(answer, index));
  }
}
