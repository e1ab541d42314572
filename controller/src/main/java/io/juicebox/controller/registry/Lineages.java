package io.juicebox.controller.registry;

import io.juicebox.controller.redis.LuaScript;
import io.juicebox.controller.redis.RedisConnection;
import io.juicebox.csi.status.DriverException.OperationPending;
import io.juicebox.csi.volume.Lineage;
import io.juicebox.csi.volume.VolumeId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Who may refer to the blocks of a lineage: its relatives, which are volumes and snapshots in
 * whatever state, from before they do until they no longer can. The registry keeps them from the
 * first copy on; a volume that was never copied has no relatives and no lineage here.
 *
 * <p>While a copy of a volume is being made, nobody knows yet what it refers to: no block of the
 * lineage may go then.
 */
public final class Lineages {
  private static final LuaScript CUT = Scripts.load("cut");
  private static final LuaScript LEAVE = Scripts.load("leave");
  private static final LuaScript ALONE = Scripts.load("alone");
  private static final LuaScript PRIVATE = Scripts.load("private");
  private static final LuaScript WANTED = Scripts.load("wanted");
  private static final LuaScript DUE = Scripts.load("lineagesDue");
  private static final LuaScript SWEPT = Scripts.load("lineageSwept");
  private static final LuaScript RELATIVES = Scripts.load("relatives");
  private static final LuaScript LIST = Scripts.load("lineages");

  private final RedisConnection redis;

  public Lineages(RedisConnection redis) {
    this.redis = redis;
  }

  /**
   * A lineage whose blocks are to be compared with its relatives' metadata.
   *
   * @param position where a comparison that was broken off goes on; empty for the beginning
   */
  public record Due(Lineage lineage, Optional<String> position) {}

  /**
   * A page of lineages.
   *
   * @param last the last one of the page, due or not; empty after the last page
   */
  public record Page(Optional<Lineage> last, List<Due> due) {}

  /**
   * All relatives of a lineage in which no copy of a volume is being made.
   *
   * @param volumes ready ones, and those that are being removed; not those that are being made of a
   *     snapshot, which refer to nothing but what that one does
   */
  public record Relatives(List<VolumeRecord> volumes, List<SnapshotRecord> snapshots) {}

  /**
   * Sizes of a lineage's blocks, before compression.
   *
   * @param shared of those that several relatives refer to
   * @param exclusive of those that one refers to
   * @param reclaimable of those that none refers to
   */
  public record Sizes(long shared, long exclusive, long reclaimable) {}

  /**
   * A lineage that was copied from.
   *
   * @param sizes as the last whole comparison found and left them
   */
  public record Known(Lineage lineage, Optional<Sizes> sizes) {}

  /**
   * A part of a lineage's blocks that was compared with all metadata.
   *
   * @param from where it begins; empty for the first part
   * @param to where the next one begins; empty after the last part
   */
  public record Part(Optional<String> from, Optional<String> to, Left left, Sizes sizes) {}

  /**
   * A copy's source was read: what the copy refers to is known from now on, to whoever goes on with
   * it.
   *
   * @param nextSlice the first id of a slice that it can't refer to
   * @throws OperationPending when the claim was lost
   */
  public void cut(Claim claim, Origin copy, long nextSlice) {
    Registry.check(
        claim,
        redis.number(
            CUT, List.of(), claim.key(), claim.token(), copy.key(), Long.toString(nextSlice)));
  }

  /** Whether nobody but a record that is being removed may refer to its lineage's blocks. */
  public boolean isAlone(Origin relative) {
    return redis.number(ALONE, List.of(), relative.key()) == 1;
  }

  /**
   * A record that is being removed refers to nothing any more. May be repeated.
   *
   * @return whether it was the last, and the lineage's blocks have to go with it
   * @throws OperationPending when the claim was lost
   */
  public boolean leave(Claim claim, Origin relative) {
    var answer = redis.text(LEAVE, List.of(), claim.key(), claim.token(), relative.key());
    return switch (answer.orElseThrow()) {
      case "last" -> true;
      case "others" -> false;
      default -> throw new OperationPending(claim.key());
    };
  }

  /**
   * From which slice on nobody but a volume can refer to the slices of its own range: those may go
   * as soon as it does not. To be asked after it was found that it does not.
   *
   * @return 0 for all of them; empty when that is not known now
   */
  public Optional<Long> privateFrom(VolumeId volume) {
    return redis
        .text(PRIVATE, List.of(), volume.value())
        .map(id -> id.isEmpty() ? 0 : Long.parseLong(id));
  }

  /**
   * There may be blocks that no relative refers to any more.
   *
   * @return whether there is such a lineage
   */
  public boolean wantSweep(Lineage lineage) {
    return redis.number(WANTED, List.of(), lineage.value()) == 1;
  }

  /**
   * A page of the lineages, and which of them are due.
   *
   * @param after the page before ends with it; empty for the first page
   * @param most how many to look at
   * @param interval between two comparisons
   * @param wanted the same where one is wanted
   */
  public Page due(Optional<Lineage> after, int most, Duration interval, Duration wanted) {
    var answer =
        redis.list(
            DUE,
            List.of(),
            after.map(Lineage::value).orElse(""),
            Integer.toString(most),
            Long.toString(interval.toMillis()),
            Long.toString(wanted.toMillis()));
    var due = new ArrayList<Due>();
    for (Object entry : answer.subList(1, answer.size())) {
      if (entry instanceof List<?> fields) {
        due.add(new Due(new Lineage(String.valueOf(fields.get(0))), text(fields.get(1))));
      }
    }
    return new Page(text(answer.getFirst()).map(Lineage::new), List.copyOf(due));
  }

  /** What was left by a comparison of blocks. */
  public enum Left {
    NOTHING,
    /** Blocks that nobody refers to, and that are too young to go. */
    YOUNG
  }

  /**
   * Remembers how far the comparison of a lineage's blocks came.
   *
   * @return whether it is one that was copied from
   */
  public boolean swept(Lineage lineage, Part part) {
    return redis.number(
            SWEPT,
            List.of(),
            lineage.value(),
            part.from().orElse(""),
            part.to().orElse(""),
            part.left() == Left.YOUNG ? "again" : "",
            Long.toString(part.sizes().shared()),
            Long.toString(part.sizes().exclusive()),
            Long.toString(part.sizes().reclaimable()))
        == 1;
  }

  /**
   * All relatives; of a lineage that was never copied from the one volume, while it is ready. Empty
   * while a copy of a volume is being made, or where there is no such lineage. Whoever compares
   * blocks with them lists the blocks before: those of a volume that comes later are then not among
   * them.
   */
  public Optional<Relatives> relatives(Lineage lineage) {
    var answer = redis.list(RELATIVES, List.of(), lineage.value());
    return answer.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Relatives(
                items(answer.get(0)).map(RecordFields::read).toList(),
                items(answer.get(1)).map(RecordFields::readSnapshot).toList()));
  }

  /** The lineage, if it was ever copied from. */
  public Optional<Known> find(Lineage lineage) {
    String only = "[" + lineage.value();
    return list(only, only, 1).stream().findFirst();
  }

  /**
   * A page of all that were copied from, by name.
   *
   * @param after the page before ends with it; empty for the first page
   */
  public List<Known> list(Optional<Lineage> after, int most) {
    return list(after.map(last -> "(" + last.value()).orElse("-"), "+", most);
  }

  private List<Known> list(String first, String last, int most) {
    return redis.list(LIST, List.of(), first, last, Integer.toString(most)).stream()
        .map(Lineages::known)
        .toList();
  }

  private static Known known(@Nullable Object entry) {
    List<String> fields = items(entry).map(String::valueOf).toList();
    Optional<Sizes> sizes =
        fields.get(1).isEmpty()
            ? Optional.empty()
            : Optional.of(
                new Sizes(
                    Long.parseLong(fields.get(1)),
                    Long.parseLong(fields.get(2)),
                    Long.parseLong(fields.get(3))));
    return new Known(new Lineage(fields.getFirst()), sizes);
  }

  private static Stream<?> items(@Nullable Object list) {
    return list instanceof List<?> items ? items.stream() : Stream.of();
  }

  private static Optional<String> text(@Nullable Object value) {
    return Optional.of(String.valueOf(value)).filter(text -> !text.isEmpty());
  }
}
