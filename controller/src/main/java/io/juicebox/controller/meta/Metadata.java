package io.juicebox.controller.meta;

import io.juicebox.controller.format.NewFilesystem;
import io.juicebox.controller.redis.LuaScript;
import io.juicebox.controller.redis.RedisConnection;
import io.juicebox.csi.status.DriverException.Failed;
import io.juicebox.csi.status.DriverException.PreconditionFailed;
import io.juicebox.csi.status.Printable;
import io.juicebox.csi.volume.Capacity;
import io.juicebox.csi.volume.Member;
import io.juicebox.csi.volume.Number;
import io.juicebox.csi.volume.RootDirectory;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The filesystems in the numbers of one Redis. Every method may be repeated, from several threads
 * and processes at once; each script names its number, so that none can meet another's keys.
 *
 * <p>Failures are those of {@link RedisConnection}.
 */
public final class Metadata {
  private static final LuaScript SETTING =
      LuaScript.of(
          "setting",
          "redis.call('SELECT', ARGV[1]) if redis.call('STRLEN', 'setting') > 65536 then return '?' end"
              + " return redis.call('GET', 'setting')");
  private static final LuaScript SIZE =
      LuaScript.of("size", "redis.call('SELECT', ARGV[1]) return redis.call('DBSIZE')");
  private static final LuaScript USAGE =
      LuaScript.of(
          "usage",
          "redis.call('SELECT', ARGV[1]) local function counter(key)"
              + " return redis.call('STRLEN', key) <= 64 and redis.call('GET', key) end"
              + " return {counter('usedSpace'), counter('totalInodes')}");
  private static final LuaScript MAKE = LuaScript.resource(Metadata.class, "make");
  private static final LuaScript REPLACE = LuaScript.resource(Metadata.class, "replace");
  private static final LuaScript SESSIONS = LuaScript.resource(Metadata.class, "sessions");
  private static final LuaScript WITHDRAW = LuaScript.resource(Metadata.class, "withdraw");
  private static final LuaScript DROP = LuaScript.resource(Metadata.class, "drop");

  /** JuiceFS's type of a directory, above the twelve permission bits. */
  private static final int DIRECTORY = 2 << 12;

  /** Not negative, and not beyond 63 bits. */
  private static final Pattern COUNTER = Pattern.compile("\\d{1,18}");

  private static final UUID NOBODY = new UUID(0, 0);
  private static final String FOREIGN = "foreign ";
  private static final String MOST_SESSIONS = "10";
  private static final int ATTEMPTS = 10;
  private static final int KEYS_A_CALL = 200;

  private final RedisConnection redis;

  public Metadata(RedisConnection redis) {
    this.redis = redis;
  }

  /**
   * What the number's filesystem was formatted with; empty when there is none.
   *
   * @throws PreconditionFailed when something else is there
   */
  public Optional<FilesystemSetting> setting(Number number) {
    return text(number)
        .map(text -> FilesystemSetting.parse(text).orElseThrow(() -> noFilesystem(number)));
  }

  /**
   * Writes a new filesystem into a number, with its member's slice ids and its root directory's
   * owner and mode: all of it in one step, or nothing where a filesystem is already.
   *
   * @return the filesystem that the number holds now, whosever it is
   * @throws PreconditionFailed when something else is there
   */
  public FilesystemSetting make(
      Number number, NewFilesystem filesystem, Member member, RootDirectory root) {
    return redis
        .text(
            MAKE,
            List.of(),
            number.toString(),
            filesystem.setting(),
            Long.toString(member.firstSlice()),
            Integer.toString(DIRECTORY | root.mode()),
            Long.toString(root.uid()),
            Long.toString(root.gid()))
        .flatMap(FilesystemSetting::parse)
        .orElseThrow(() -> noFilesystem(number));
  }

  /**
   * Changes the capacity of a filesystem. Living mounts notice at their next heartbeat, within 12
   * s.
   *
   * @throws PreconditionFailed when the number holds another filesystem or none
   */
  public void resize(Number number, UUID uuid, Capacity capacity) {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      String before = text(number).orElseThrow(() -> noFilesystem(number));
      FilesystemSetting setting =
          FilesystemSetting.parse(before).orElseThrow(() -> noFilesystem(number));
      if (!setting.uuid().equals(uuid)) {
        throw foreign(number, setting.uuid().toString(), uuid);
      }
      if (setting.capacity() == capacity.bytes() || replace(number, before, capacity)) {
        return;
      }
    }
    throw new Failed("the setting in number " + number + " changes all the time, call again");
  }

  /** Up to ten of the clients that have the filesystem mounted, by what they last said. */
  public List<Session> liveSessions(Number number) {
    return redis.list(SESSIONS, List.of(), number.toString(), MOST_SESSIONS).stream()
        .map(entry -> (List<?>) Objects.requireNonNull(entry))
        .map(e -> Session.parse(string(e.get(0)), string(e.get(1))))
        .toList();
  }

  /**
   * Makes a filesystem that nobody has mounted one that nobody can mount: its setting goes, in the
   * same step as the look for sessions.
   *
   * @return whether it did; not where a session lives or the number holds another filesystem
   */
  public boolean withdraw(Number number, UUID uuid) {
    return redis.number(WITHDRAW, List.of(), number.toString(), uuid.toString()) == 1;
  }

  /**
   * What the filesystem uses; zeros before its first mount, and where somebody with the volume's
   * keys has written no number.
   */
  public Usage usage(Number number) {
    List<Long> counters =
        redis.list(USAGE, List.of(), number.toString()).stream()
            .map(counter -> counter == null ? "" : string(counter))
            .map(counter -> COUNTER.matcher(counter).matches() ? Long.parseLong(counter) : 0L)
            .toList();
    return new Usage(counters.get(0), counters.get(1));
  }

  /** Whether the number has no key at all. */
  public boolean isEmpty(Number number) {
    return redis.number(SIZE, List.of(), number.toString()) == 0;
  }

  /**
   * Removes every key of the number, unless it holds another filesystem than the one named. Keys
   * without a filesystem, which a client that was cut off may have written late, are removed too:
   * the caller must own the number.
   *
   * @param budget after this time the rest is left for another call; the server is never blocked
   *     for long
   * @return whether nothing is left
   * @throws PreconditionFailed when the number holds another filesystem; nothing was removed then
   */
  public boolean drop(Number number, UUID uuid, Duration budget) {
    long end = System.nanoTime() + budget.toNanos();
    String cursor = "0";
    do {
      String answer = drop(number, uuid, cursor);
      if (answer.equals("0")) {
        return true;
      }
      if (answer.startsWith(FOREIGN)) {
        throw foreign(number, answer.substring(FOREIGN.length()), uuid);
      }
      cursor = answer.equals("again") ? "0" : answer;
    } while (System.nanoTime() - end < 0);
    return false;
  }

  private String drop(Number number, UUID uuid, String cursor) {
    return redis
        .text(
            DROP,
            List.of(),
            number.toString(),
            uuid.toString(),
            cursor,
            Integer.toString(KEYS_A_CALL))
        .orElseThrow();
  }

  /**
   * Removes keys without a filesystem from a number that is no volume's: what a client of its last
   * volume wrote late.
   *
   * @return whether nothing is left
   * @throws PreconditionFailed when the number holds a filesystem; nothing was removed then
   */
  public boolean clear(Number number, Duration budget) {
    return drop(number, NOBODY, budget);
  }

  private boolean replace(Number number, String before, Capacity capacity) {
    String after = FilesystemSetting.withCapacity(before, capacity.bytes());
    return redis.number(REPLACE, List.of(), number.toString(), before, after) == 1;
  }

  private Optional<String> text(Number number) {
    return redis.text(SETTING, List.of(), number.toString());
  }

  private static String string(@Nullable Object answer) {
    return (String) Objects.requireNonNull(answer);
  }

  private static PreconditionFailed noFilesystem(Number number) {
    return new PreconditionFailed(
        "number "
            + number
            + " of Redis holds no JuiceFS filesystem: its keys were removed or"
            + " replaced by somebody else");
  }

  private static PreconditionFailed foreign(Number number, String found, UUID expected) {
    return new PreconditionFailed(
        "number %s of Redis holds the filesystem %s, not %s: nothing was changed; find out who put it there"
            .formatted(number, Printable.of(found), expected));
  }
}
