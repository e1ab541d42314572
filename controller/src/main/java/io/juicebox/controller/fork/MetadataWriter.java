package io.juicebox.controller.fork;

import io.juicebox.controller.fork.Entry.More;
import io.juicebox.controller.fork.Entry.Removed;
import io.juicebox.controller.fork.Entry.Value;
import io.juicebox.controller.meta.FilesystemSetting;
import io.juicebox.controller.meta.Metadata;
import io.juicebox.controller.redis.LuaScript;
import io.juicebox.controller.redis.RedisConnection;
import io.juicebox.controller.registry.Claim;
import io.juicebox.csi.status.DriverException;
import io.juicebox.csi.status.DriverException.Failed;
import io.juicebox.csi.status.DriverException.OperationPending;
import io.juicebox.csi.status.DriverException.PreconditionFailed;
import io.juicebox.csi.volume.Number;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fills a number with metadata, in steps of a few milliseconds. The setting comes last, so that
 * nobody can mount a part; and every step names the one before, so that a controller that was away
 * while another one began anew changes nothing.
 */
final class MetadataWriter {
  private static final Logger LOG = LoggerFactory.getLogger(MetadataWriter.class);
  private static final LuaScript BEGIN = claimed("begin");
  private static final LuaScript WRITE = LuaScript.resource(MetadataWriter.class, "write");
  private static final LuaScript SETTLE = claimed("settle");
  private static final LuaScript TOKEN =
      LuaScript.of("token", "return redis.call('GET', 'fork') or ''");

  private static final Duration CLEAR = Duration.ofSeconds(5);
  private static final String SETTING = "setting";
  private static final String NEXT_SLICE = "nextchunk";

  private final RedisConnection redis;
  private final Metadata metadata;
  private final Number number;
  private final Claim claim;
  private final String token = UUID.randomUUID().toString();
  private long parts;
  private Duration longest = Duration.ZERO;

  /**
   * For one filling.
   *
   * @param redis stays in the number
   * @param metadata of the same server
   * @param claim on the volume whose number it is: without it nothing begins or ends
   */
  MetadataWriter(RedisConnection redis, Metadata metadata, Number number, Claim claim) {
    this.redis = redis;
    this.metadata = metadata;
    this.number = number;
    this.claim = claim;
  }

  static LuaScript claimed(String name) {
    return LuaScript.of(
        name,
        LuaScript.resource(MetadataWriter.class, "claimed").text()
            + LuaScript.resource(MetadataWriter.class, name).text());
  }

  /** Gives all that a number is to be filled with. */
  interface Contents {
    void forEach(Consumer<Entry> action) throws IOException;
  }

  /**
   * Fills the number, which is the caller's and holds no filesystem: what an earlier attempt left
   * there goes. When this fails, nothing is left, or what is left goes with the next attempt.
   *
   * @return the longest step, with its way to the server and back
   * @throws OperationPending when somebody else fills it
   * @throws PreconditionFailed when it holds a filesystem
   * @throws PreconditionFailed also when the source's blocks are not what the new setting says
   */
  Duration write(Contents contents, Renewal renewal) throws IOException {
    boolean begun =
        withClaim(BEGIN, mark()) == 1
            || (metadata.clear(number, CLEAR) && withClaim(BEGIN, mark()) == 1);
    if (!begun) {
      throw pending();
    }
    try {
      var batch = new Batch();
      contents.forEach(batch);
      batch.flush();
      String source =
          batch.setting.orElseThrow(() -> new Failed("a copy of metadata has no setting"));
      if (!FilesystemSetting.haveSameBlocks(source, renewal.filesystem().setting())) {
        throw new PreconditionFailed(
            "the setting of the source is of another lineage, or of blocks of another kind than its"
                + " volume was made with: somebody else changed it");
      }
      settle(renewal);
      return longest;
    } catch (IOException | RuntimeException e) {
      abandon(e);
      throw e;
    }
  }

  private void settle(Renewal renewal) {
    String setting = bytes(renewal.filesystem().setting());
    String first = Long.toString(renewal.member().firstSlice());
    if (withClaim(SETTLE, mark(), setting, first) != 1) {
      throw pending();
    }
  }

  Number number() {
    return number;
  }

  /** What the number holds while its last part is the one that was written last. */
  String mark() {
    return token + ":" + parts;
  }

  /** What it holds with the next part. */
  String nextMark() {
    return token + ":" + (parts + 1);
  }

  /** The next part is written. */
  void wrotePart(Duration took) {
    parts++;
    longest = took.compareTo(longest) > 0 ? took : longest;
  }

  private long withClaim(LuaScript script, String... more) {
    var arguments = new ArrayList<>(List.of(number.toString(), claim.key(), claim.token()));
    arguments.addAll(List.of(more));
    return redis.number(script, List.of(), arguments.toArray(String[]::new));
  }

  private void abandon(Exception why) {
    try {
      if (redis.text(TOKEN, List.of()).orElse("").startsWith(token)) {
        var _ = metadata.clear(number, CLEAR);
      }
    } catch (DriverException e) {
      LOG.warn("keys of an unfinished copy stay in number {} for now: {}", number, e.getMessage());
      why.addSuppressed(e);
    }
  }

  OperationPending pending() {
    return new OperationPending("in number " + number);
  }

  private static String bytes(String text) {
    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }

  private static String text(String bytes) {
    return new String(bytes.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
  }

  /** What goes to Redis in one step. */
  private final class Batch implements Consumer<Entry> {
    private static final int MOST_ARGUMENTS = 6_000;
    private static final int MOST_BYTES = 512 << 10;

    /** Of one command, fewer than Lua's stack holds. */
    private static final int MOST_PARTS = 500;

    private final List<String> arguments = new ArrayList<>();
    private int bytes;
    private Optional<String> setting = Optional.empty();

    @Override
    public void accept(Entry entry) {
      switch (entry) {
        case Value(var key, _, var parts) when key.equals(SETTING) ->
            setting = Optional.of(text(parts.getFirst()));
        case Value(var key, _, _) when key.equals(NEXT_SLICE) -> {}
        case Value(var key, ValueType type, var parts) when type == ValueType.STRING ->
            add("SET", key, parts);
        case Value(var key, ValueType type, var parts) -> {
          add("DEL", key, List.of());
          addAll(key, type, parts);
        }
        case More(var key, var type, var parts) -> addAll(key, type, parts);
        case Removed(var key) -> add("DEL", key, List.of());
      }
    }

    private void addAll(String key, ValueType type, List<String> parts) {
      for (int i = 0; i < parts.size(); i += MOST_PARTS) {
        List<String> some = parts.subList(i, Math.min(i + MOST_PARTS, parts.size()));
        switch (type) {
          case LIST -> add("RPUSH", key, some);
          case HASH -> add("HSET", key, some);
          case SET -> add("SADD", key, some);
          case SORTED_SET -> add("ZADD", key, scoresFirst(some));
          case STRING -> throw new IllegalArgumentException("a string has one part");
        }
      }
    }

    private List<String> scoresFirst(List<String> pairs) {
      var turned = new ArrayList<String>(pairs.size());
      for (int i = 0; i < pairs.size(); i += 2) {
        turned.add(pairs.get(i + 1));
        turned.add(pairs.get(i));
      }
      return turned;
    }

    private void add(String command, String key, List<String> more) {
      arguments.add(command);
      arguments.add(key);
      arguments.add(Integer.toString(more.size()));
      arguments.addAll(more);
      bytes += key.length() + more.stream().mapToInt(String::length).sum();
      if (arguments.size() >= MOST_ARGUMENTS || bytes >= MOST_BYTES) {
        flush();
      }
    }

    void flush() {
      if (arguments.isEmpty()) {
        return;
      }
      arguments.addAll(0, List.of(mark(), nextMark()));
      long began = System.nanoTime();
      if (redis.number(WRITE, List.of(), arguments.toArray(String[]::new)) != 1) {
        throw pending();
      }
      wrotePart(Duration.ofNanos(System.nanoTime() - began));
      arguments.clear();
      bytes = 0;
    }
  }
}
