package io.juicebox.controller.registry;

import io.juicebox.controller.redis.LuaScript;
import io.juicebox.controller.redis.RedisConnection;
import io.juicebox.csi.status.DriverException.OperationPending;
import io.juicebox.csi.volume.VolumeId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The records of one backend's snapshots, beside those of its volumes. Transitions throw {@link
 * OperationPending} when the claim was lost.
 */
public final class Snapshots {
  private static final LuaScript SNAPSHOT = Scripts.load("snapshot");
  private static final LuaScript READY = Scripts.load("snapshotReady");
  private static final LuaScript BURY = Scripts.load("snapshotBury");
  private static final LuaScript FORGET = Scripts.load("snapshotForget");
  private static final LuaScript DEFER = Scripts.load("snapshotDefer");
  private static final LuaScript FIND = Scripts.load("snapshotFind");
  private static final LuaScript NAMED = Scripts.load("snapshotNamed");
  private static final LuaScript LIST = Scripts.load("snapshotList");
  private static final LuaScript UNFINISHED = Scripts.load("snapshotsUnfinished");

  private final RedisConnection redis;
  private final Leases leases;

  public Snapshots(RedisConnection redis, RegistrySettings settings) {
    this.redis = redis;
    this.leases = new Leases(redis, settings.lease());
  }

  /**
   * Snapshots whose calls ended half-way.
   *
   * @param intents that no CreateSnapshot has touched for a while
   * @param tombstones whose remains are still there and whose turn has come
   */
  public record Unfinished(List<VolumeId> intents, List<VolumeId> tombstones) {}

  /**
   * Records the intent of a snapshot, or finds what is there under its name.
   *
   * @param id of a new one; an existing one keeps its own
   * @param blocks those of the source; empty where it was not found
   */
  public SnapshotOutcome intend(
      String name, VolumeId source, VolumeId id, Optional<BlockFormat> blocks) {
    var arguments = new ArrayList<>(List.of(name, source.value(), id.value(), leases.millis()));
    blocks.map(RecordFields::of).ifPresent(arguments::addAll);
    var answer = redis.list(SNAPSHOT, List.of(), arguments.toArray(String[]::new));
    return switch (String.valueOf(answer.getFirst())) {
      case "ready" -> new SnapshotOutcome.Ready(RecordFields.readSnapshot(answer.get(1)));
      case "other" -> new SnapshotOutcome.OtherSource(id(answer.get(1)));
      case "held" -> new SnapshotOutcome.Held(id(answer.get(1)));
      case "source" -> new SnapshotOutcome.NoSource();
      default -> {
        SnapshotRecord snapshot = RecordFields.readSnapshot(answer.get(2));
        String token = String.valueOf(answer.get(1));
        yield new SnapshotOutcome.Claimed(
            new Claim(leases, snapshot.id().value(), token), snapshot);
      }
    };
  }

  /** The right to change one snapshot, should it be there; empty while another call has it. */
  public Optional<Claim> claim(VolumeId id) {
    return leases.take(id.value());
  }

  /** The snapshot of a name that is being created or ready. */
  public Optional<VolumeId> named(String name) {
    return redis.text(NAMED, List.of(), name).map(VolumeId::new);
  }

  /** The record of a snapshot, in whatever state it is. */
  public Optional<SnapshotRecord> find(VolumeId id) {
    var fields = redis.list(FIND, List.of(), id.value());
    return fields.isEmpty() ? Optional.empty() : Optional.of(RecordFields.readSnapshot(fields));
  }

  /**
   * CREATING becomes READY; the claim ends with it.
   *
   * @param object the key of the object that holds the metadata
   */
  public SnapshotRecord ready(Claim claim, String object) {
    var fields = redis.list(READY, List.of(), claim.key(), claim.token(), object);
    if (fields.isEmpty()) {
      throw new OperationPending(claim.key());
    }
    claim.spent();
    return RecordFields.readSnapshot(fields);
  }

  /**
   * Makes a snapshot a tombstone: its name is free, it is listed no more, the claim goes on.
   *
   * @throws OperationPending also while a volume is being made of it
   */
  public void bury(Claim claim) {
    Registry.checkBuried(
        claim, redis.text(BURY, List.of(), claim.key(), claim.token()).orElseThrow());
  }

  /** Gives a tombstone that could not be finished a later place. */
  public void defer(Claim claim, Duration pause) {
    String millis = Long.toString(pause.toMillis());
    Registry.check(claim, redis.number(DEFER, List.of(), claim.key(), claim.token(), millis));
  }

  /** Ends a record whose object is gone, and the claim with it. */
  public void forget(Claim claim) {
    Registry.check(claim, redis.number(FORGET, List.of(), claim.key(), claim.token()));
    claim.spent();
  }

  /**
   * A page of ready snapshots, by id.
   *
   * @param source a volume to list the snapshots of; all when empty
   * @param after the page before ends with it, whether or not it is still there
   */
  public List<SnapshotRecord> list(Optional<VolumeId> source, Optional<VolumeId> after, int most) {
    return redis
        .list(
            LIST,
            List.of(),
            after.map(VolumeId::value).orElse(""),
            Integer.toString(most),
            source.map(VolumeId::value).orElse(""))
        .stream()
        .map(RecordFields::readSnapshot)
        .toList();
  }

  /** What a sweep has to finish now, so many of each kind at most. */
  public Unfinished unfinished(Duration age, int most) {
    var answer =
        redis.list(UNFINISHED, List.of(), Long.toString(age.toMillis()), Integer.toString(most));
    return new Unfinished(Registry.ids(answer.get(0)), Registry.ids(answer.get(1)));
  }

  private static VolumeId id(@Nullable Object text) {
    return new VolumeId(String.valueOf(text));
  }
}
