package io.juicebox.controller.fork;

import io.juicebox.controller.fork.Entry.Removed;
import io.juicebox.controller.fork.Entry.Value;
import io.juicebox.controller.redis.LargeValue;
import io.juicebox.controller.redis.LargeValue.Kind;
import io.juicebox.controller.redis.LargeValue.Part;
import io.juicebox.controller.redis.LuaScript;
import io.juicebox.controller.redis.RedisConnection;
import io.juicebox.csi.status.DriverException.PreconditionFailed;
import io.juicebox.csi.status.Printable;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The single steps in which a number's keys are read, each of which keeps the server for a few
 * milliseconds at most, or as long as its caller says. For one reading, by one thread.
 */
final class ReadSteps {
  private static final LuaScript READ = LuaScript.resource(ReadSteps.class, "read");
  private static final LuaScript ALL = reading("all");
  private static final LuaScript PAGE = reading("page");
  private static final LuaScript KEYS = reading("keys");
  private static final LuaScript LOOK = reading("look");
  private static final LuaScript COPY =
      LuaScript.of(
          "copy", "#!lua\n" + READ.text() + LuaScript.resource(ReadSteps.class, "copy").text());
  private static final String BEGIN = "0";
  private static final int MOST_KEYS_A_PAGE = 400;

  /** Of those that the server copies, which do not go to us. */
  private static final int MOST_KEYS_A_COPIED_PAGE = 10_000;

  /** What copying a key counts as, see copy.lua. */
  private static final int ELEMENTS_OF_A_COPIED_KEY = 3;

  /** In place of a page. */
  private static final String ALL_KEYS = "all";

  /** Elements: itself and a part. */
  private static final int LEAST_OF_A_KEY = 2;

  /** Enough to tell what one takes, and some milliseconds' work of a slow server. */
  private static final int LOOKS = 500;

  /** How often it is told; what comes between on a busy machine only makes it longer. */
  private static final int CALIBRATIONS = 5;

  /** Of a value that is read in one step with others. */
  private static final int MOST_PARTS = 1_000;

  private final RedisConnection redis;
  private final UUID filesystem;
  private final StepCost cost;
  private final Optional<Filling> filling;
  private Duration longest = Duration.ZERO;
  private long elements;

  /**
   * What a step read.
   *
   * @param later keys that there was no room for
   * @param next where the next page begins; empty after the last one
   */
  record Page(
      List<Entry> entries, List<LargeValue> large, List<String> later, Optional<String> next) {}

  /**
   * @param filling the number into which the server copies what it can; without one all that is
   *     read is answered
   */
  ReadSteps(RedisConnection redis, UUID filesystem, StepCost cost, Optional<Filling> filling) {
    this.redis = redis;
    this.filesystem = filesystem;
    this.cost = cost;
    this.filling = filling;
  }

  /** Such a script writes nothing, so that it goes on while writes are paused. */
  private static LuaScript reading(String name) {
    return LuaScript.of(
        name,
        "#!lua flags=no-writes\n" + READ.text() + LuaScript.resource(ReadSteps.class, name).text());
  }

  /**
   * The longest step until now; what a large value's parts took includes their way to us, and with
   * Redis 7.2 what any step took.
   */
  Duration longest() {
    return longest;
  }

  /** What has been read. */
  long elements() {
    return elements;
  }

  /** Has the server tell how quick it is, if nobody knows yet. */
  void calibrate() {
    if (!cost.isKnown()) {
      Stream.generate(() -> call(LOOK, Integer.toString(LOOKS)).took())
          .limit(CALIBRATIONS)
          .min(Comparator.naturalOrder())
          .ifPresent(fastest -> cost.measured(LOOKS, fastest));
    }
  }

  /** Everything, of one instant; empty when that would take too long. */
  Optional<List<Entry>> all() {
    String room = Long.toString(cost.elements());
    if (filling.isPresent()) {
      var answer = copy(filling.get(), ALL_KEYS, BEGIN, room, room);
      return answer.isEmpty() ? Optional.empty() : Optional.of(page(answer).entries());
    }
    var answer = run(ALL, room);
    if (answer.isEmpty()) {
      return Optional.empty(); // it gave up
    }
    var entries = new ArrayList<Entry>();
    var names = list(answer.get(0));
    var texts = list(answer.get(1)).stream().flatMap(batch -> list(batch).stream()).toList();
    for (int i = 0; i < names.size(); i++) {
      entries.add(string(String.valueOf(names.get(i)), texts.get(i)));
    }
    var page = page(answer.subList(2, answer.size()), Optional.empty());
    entries.addAll(page.entries());
    return Optional.of(entries);
  }

  /** The value of an inode or a symbolic link, which JuiceFS has as strings. */
  private static Entry string(String key, @Nullable Object text) {
    if (text == null) { // not there any more, or of another type
      throw foreign(key, "something else");
    }
    return new Value(key, ValueType.STRING, List.of(String.valueOf(text)));
  }

  /** A page of all keys. */
  Page page(Optional<String> from) {
    long room = cost.elements();
    String cursor = from.orElse(BEGIN);
    String elements = Long.toString(room);
    if (filling.isPresent()) {
      long keys = Math.min(MOST_KEYS_A_COPIED_PAGE, room / ELEMENTS_OF_A_COPIED_KEY);
      String parts = Long.toString(room / 2);
      return page(copy(filling.get(), cursor, Long.toString(keys), parts, elements));
    }
    long keys = Math.min(MOST_KEYS_A_PAGE, room / LEAST_OF_A_KEY);
    String parts = Integer.toString(MOST_PARTS);
    return page(run(PAGE, cursor, Long.toString(keys), parts, elements));
  }

  /** Of an answer that begins with the next cursor. */
  private static Page page(List<@Nullable Object> answer) {
    String next = String.valueOf(answer.getFirst());
    return page(
        answer.subList(1, answer.size()),
        next.equals(BEGIN) ? Optional.empty() : Optional.of(next));
  }

  /** Some keys: of one instant, those that are not large. */
  Page keys(List<String> keys) {
    var arguments =
        new ArrayList<>(List.of(Integer.toString(MOST_PARTS), Long.toString(cost.elements())));
    arguments.addAll(keys);
    return page(run(KEYS, arguments.toArray(String[]::new)), Optional.empty());
  }

  /** A part of a large value, of about so many elements. */
  Part part(LargeValue large, Optional<String> from, int most) {
    long began = System.nanoTime();
    Part part = large.part(redis, from, most);
    took(part.parts().size(), Duration.ofNanos(System.nanoTime() - began));
    return part;
  }

  private static Page page(List<@Nullable Object> pairs, Optional<String> next) {
    var entries = new ArrayList<Entry>();
    var large = new ArrayList<LargeValue>();
    var later = new ArrayList<String>();
    for (int i = 0; i + 1 < pairs.size(); i += 2) {
      String key = String.valueOf(pairs.get(i));
      List<?> value = list(pairs.get(i + 1));
      switch (String.valueOf(value.getFirst())) {
        case "later" -> later.add(key);
        case "none" -> entries.add(new Removed(key));
        case "large" -> large.add(new LargeValue(key, kind(key, value.get(1))));
        case "other" -> throw foreign(key, String.valueOf(value.get(1)));
        case String type ->
            entries.add(
                new Value(
                    key,
                    type(key, type),
                    list(value.get(1)).stream().map(String::valueOf).toList()));
      }
    }
    return new Page(entries, large, later, next);
  }

  private static ValueType type(String key, @Nullable Object word) {
    return switch (String.valueOf(word)) {
      case "string" -> ValueType.STRING;
      case "list" -> ValueType.LIST;
      case "hash" -> ValueType.HASH;
      case "set" -> ValueType.SET;
      case "zset" -> ValueType.SORTED_SET;
      case String other -> throw foreign(key, other);
    };
  }

  private static Kind kind(String key, @Nullable Object word) {
    return switch (String.valueOf(word)) {
      case "hash" -> Kind.HASH;
      case "set" -> Kind.SET;
      case "zset" -> Kind.SORTED_SET;
      case String other -> throw foreign(key, "a huge " + other);
    };
  }

  /** Runs the script that copies, as the next part of the filling unless it gave up. */
  private List<@Nullable Object> copy(
      Filling filling, String from, String keys, String parts, String elements) {
    var arguments = new ArrayList<>(List.of(from, keys, parts, elements));
    arguments.addAll(filling.arguments());
    Answer answer = call(COPY, arguments.toArray(String[]::new));
    note(answer);
    if (!answer.rest().isEmpty()) {
      filling.copied(answer.took());
    }
    return answer.rest();
  }

  /** What a step answers, of which it takes note; nothing when it gave up. */
  private List<@Nullable Object> run(LuaScript script, String... more) {
    Answer answer = call(script, more);
    note(answer);
    return answer.rest();
  }

  /** One that gave up tells nothing of what a whole one takes. */
  private void note(Answer answer) {
    took(answer.elements(), answer.took());
    if (!answer.rest().isEmpty()) {
      cost.measured(answer.elements(), answer.took());
    }
  }

  private record Answer(Duration took, long elements, List<@Nullable Object> rest) {}

  private Answer call(LuaScript script, String... more) {
    var arguments = new ArrayList<>(List.of(filesystem.toString()));
    arguments.addAll(List.of(more));
    long began = System.nanoTime();
    var answer = redis.list(script, List.of(), arguments.toArray(String[]::new));
    var waited = Duration.ofNanos(System.nanoTime() - began);
    if (answer.getFirst().equals("gone")) {
      throw new PreconditionFailed(
          "the filesystem %s is not in its number any more".formatted(filesystem));
    }
    if (answer.getFirst().equals("lost")) {
      throw filling.orElseThrow().lost();
    }
    Duration took = Duration.of(number(answer.get(1)), ChronoUnit.MICROS);
    return new Answer(
        took.isZero() ? waited : took, // no clock runs in a script of Redis 7.2
        number(answer.get(2)),
        answer.subList(3, answer.size()));
  }

  private static long number(@Nullable Object value) {
    return Long.parseLong(String.valueOf(value));
  }

  private void took(long read, Duration time) {
    elements += read;
    longest = longest.compareTo(time) < 0 ? time : longest;
  }

  private static List<?> list(@Nullable Object value) {
    return (List<?>) Objects.requireNonNull(value);
  }

  private static PreconditionFailed foreign(String key, String type) {
    return new PreconditionFailed(
        "the key %s is %s, which no JuiceFS has there: it was put there by somebody else"
            .formatted(Printable.of(key), type));
  }
}
