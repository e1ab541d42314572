package io.juicebox.controller.fork;

import io.juicebox.controller.fork.Entry.More;
import io.juicebox.controller.fork.Entry.Removed;
import io.juicebox.controller.fork.Entry.Value;
import io.juicebox.csi.status.DriverException.PreconditionFailed;
import io.juicebox.csi.status.Printable;
import io.juicebox.csi.volume.Member;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Makes of a filesystem's metadata what a copy of it is to have: no sessions and no locks; files
 * that only an open descriptor kept are deleted files; and no counter of a slice that nothing here
 * refers to. For one pass and one thread.
 *
 * <p>A counter that is negative says that the slice's blocks are to be deleted, which is for the
 * source to say: an older relative may refer to them. One that is zero says no more than none at
 * all. The others are needed as they are: without them the first of two references that goes would
 * take the blocks with it.
 */
final class CopyFilter implements Consumer<Entry> {
  private static final String USED_SPACE = "usedSpace";
  private static final String INODES = "totalInodes";
  private static final String DELETED_FILES = "delfiles";
  private static final long PAGE = 4096;

  // Attr.Marshal of JuiceFS: links u32 at byte 47, length u64 at byte 51
  private static final int LINKS = 47;
  private static final int LENGTH = 51;

  private final Consumer<Entry> copy;
  private final Map<String, Set<String>> open = new HashMap<>();
  private final Map<String, Long> nameless = new HashMap<>();
  private final Map<String, Long> usage = new HashMap<>();
  private final Member member;
  private final NamedSlices named = new NamedSlices(this::rememberSlice);
  private OptionalLong counter = OptionalLong.empty();
  private long largestSlice;

  /**
   * @param member whose metadata it is
   * @param copy takes the entries of the copy
   */
  CopyFilter(Member member, Consumer<Entry> copy) {
    this.member = member;
    this.copy = copy;
  }

  @Override
  public void accept(Entry entry) {
    switch (KeyKind.of(entry.key())) {
      case COPIED -> {
        named.accept(entry);
        copy.accept(entry);
      }
      case LEFT_OUT -> {}
      case INODE -> {
        rememberNameless(entry);
        copy.accept(entry);
      }
      case NEXT_SLICE -> {
        rememberNextSlice(entry);
        copy.accept(entry);
      }
      case OPEN_FILES -> rememberOpen(entry);
      case USAGE -> rememberUsage(entry);
      case REFERENCES -> {
        Entry living = living(entry);
        named.accept(living);
        copy.accept(living);
      }
    }
  }

  /**
   * Ends the copy with what could not be said before.
   *
   * @return the first slice id that the copy can't refer to: it had been given to nobody. The
   *     counter is the last id that was given (redisMeta.incrCounter); but whoever has the volume's
   *     keys may have set it back, so what was seen here counts, too. Who does that can overwrite
   *     the same blocks, so what the server itself copied need not be seen
   * @throws PreconditionFailed when the counter is not of the member's own range
   */
  long finish(Instant now) {
    for (String inode : openAndNameless()) {
      long length = nameless.getOrDefault(inode, 0L);
      copy.accept(new Removed("i" + inode));
      copy.accept(
          new More(
              DELETED_FILES,
              ValueType.SORTED_SET,
              List.of(inode + ":" + length, Long.toString(now.getEpochSecond()))));
      usage.computeIfPresent(USED_SPACE, (_, used) -> used - space(length));
      usage.computeIfPresent(INODES, (_, inodes) -> inodes - 1);
    }
    usage.forEach((key, count) ->
        copy.accept(new Value(key, ValueType.STRING, List.of(Long.toString(count)))));
    long last = counter.orElseThrow(() -> changed("has no nextchunk that is a number"));
    if (last < member.firstSlice() || last > member.lastSlice()) {
      throw changed("has a nextchunk that is not of the volume's own range");
    }
    return Math.max(last, largestSlice) + 1;
  }

  private void rememberSlice(long id) {
    if (id >= member.firstSlice() && id <= member.lastSlice()) {
      largestSlice = Math.max(largestSlice, id);
    }
  }

  private static PreconditionFailed changed(String what) {
    return new PreconditionFailed("the filesystem %s: somebody else changed it".formatted(what));
  }

  private Set<String> openAndNameless() {
    var inodes = new HashSet<String>();
    open.values().forEach(inodes::addAll);
    inodes.retainAll(nameless.keySet());
    return inodes;
  }

  /** What a file of a length counts in usedSpace: whole pages, one for an empty file. */
  private static long space(long length) {
    return Math.max(PAGE, (length + PAGE - 1) / PAGE * PAGE);
  }

  private void rememberNameless(Entry entry) {
    String inode = entry.key().substring(1);
    nameless.remove(inode);
    if (entry instanceof Value(_, ValueType type, var parts)) {
      if (type != ValueType.STRING) {
        throw changed("has something else than an inode in " + Printable.of(entry.key()));
      }
      var attributes = ByteBuffer.wrap(parts.getFirst().getBytes(StandardCharsets.ISO_8859_1));
      if (attributes.limit() >= LENGTH + Long.BYTES && attributes.getInt(LINKS) == 0) {
        nameless.put(inode, attributes.getLong(LENGTH));
      }
    }
  }

  private void rememberOpen(Entry entry) {
    switch (entry) {
      case Value(var session, _, var inodes) -> open.put(session, new HashSet<>(inodes));
      case More(var session, _, var inodes) ->
          open.computeIfAbsent(session, _ -> new HashSet<>()).addAll(inodes);
      case Removed(var session) -> open.remove(session);
    }
  }

  private void rememberNextSlice(Entry entry) {
    counter =
        switch (entry) {
          case Value(var key, ValueType type, var parts) when type == ValueType.STRING ->
              OptionalLong.of(count(key, parts.getFirst()));
          case Removed _ -> OptionalLong.empty();
          case Entry other -> throw notOne(other.key());
        };
  }

  private void rememberUsage(Entry entry) {
    switch (entry) {
      case Value(var key, ValueType type, var parts) when type == ValueType.STRING ->
          usage.put(key, count(key, parts.getFirst()));
      case Removed(var key) -> usage.remove(key);
      case Entry other -> throw notOne(other.key());
    }
  }

  private static Entry living(Entry entry) {
    return switch (entry) {
      case Value(var key, var type, var counters) -> {
        List<String> living = living(key, counters);
        yield living.isEmpty() ? new Removed(key) : new Value(key, type, living);
      }
      case More(var key, var type, var counters) -> new More(key, type, living(key, counters));
      case Removed removed -> removed;
    };
  }

  private static List<String> living(String key, List<String> counters) {
    var living = new ArrayList<String>();
    for (int i = 0; i + 1 < counters.size(); i += 2) {
      if (count(key, counters.get(i + 1)) > 0) {
        living.add(counters.get(i));
        living.add(counters.get(i + 1));
      }
    }
    return List.copyOf(living);
  }

  private static PreconditionFailed notOne(String counter) {
    return changed("counts with something that is no number in " + Printable.of(counter));
  }

  private static long count(String key, String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw notOne(key);
    }
  }
}
