package io.juicebox.controller.registry;

import io.juicebox.controller.redis.LuaScript;
import io.juicebox.controller.redis.PasswordHash;
import io.juicebox.controller.redis.RedisConnection;
import io.juicebox.controller.registry.Intent.Preparation;
import io.juicebox.csi.status.DriverException.Exhausted;
import io.juicebox.csi.status.DriverException.OperationPending;
import io.juicebox.csi.volume.Capacity;
import io.juicebox.csi.volume.VolumeContext;
import io.juicebox.csi.volume.VolumeId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The records of one backend, in its Redis number 1. Safe for any number of threads and of
 * controllers at once.
 *
 * <p>Each method is one round trip. All throw what {@link RedisConnection} throws; those that take
 * a claim throw {@link OperationPending} when it was lost.
 */
public final class Registry {
  private static final Logger LOG = LoggerFactory.getLogger(Registry.class);

  private static final LuaScript CREATE = Scripts.load("create");
  private static final LuaScript CLAIM = Scripts.load("claim");
  private static final LuaScript FIND = Scripts.load("find");
  private static final LuaScript NAMED = Scripts.load("named");
  private static final LuaScript READY = Scripts.load("ready");
  private static final LuaScript RESIZE = Scripts.load("resize");
  private static final LuaScript GROWN = Scripts.load("grown");
  private static final LuaScript BURY = Scripts.load("bury");
  private static final LuaScript DEFER = Scripts.load("defer");
  private static final LuaScript FORGET = Scripts.load("forget");
  private static final LuaScript SINCE = Scripts.load("since");
  private static final LuaScript LIST = Scripts.load("list");
  private static final LuaScript UNFINISHED = Scripts.load("unfinished");
  private static final LuaScript ROOM = Scripts.load("room");
  private static final LuaScript STRANGERS = Scripts.load("strangers");

  /** Each time that many numbers whose databases turn out to be full are passed over. */
  private static final int MOST_ALLOCATIONS = 1_000;

  private static final int PAGE = 200;

  private static final String SWEEP = "sweep";
  private static final String CREDENTIALS = "credentials";

  private final RedisConnection redis;
  private final RegistrySettings settings;
  private final Leases leases;

  public Registry(RedisConnection redis, RegistrySettings settings) {
    this.redis = redis;
    this.settings = settings;
    this.leases = new Leases(redis, settings.lease());
  }

  /** Records an intent with a number of its own, or finds what is there under its name. */
  public IntentOutcome intend(Intent intent, Admission admission) {
    var arguments = new ArrayList<String>();
    arguments.add(intent.name());
    arguments.add(intent.request());
    arguments.add(intent.id().value());
    arguments.add(Long.toString(intent.capacity().bytes()));
    arguments.add(leases.millis());
    arguments.add(databases());
    arguments.add(Long.toString(settings.rest().toMillis()));
    arguments.add(pool());
    arguments.add(admission == Admission.OPEN ? "" : "closed");
    arguments.add(intent.preparation() == Preparation.BLANK ? "blank" : "");
    arguments.add(intent.origin().map(Origin::key).orElse(""));
    arguments.addAll(RecordFields.of(intent));
    for (int i = 0; i < MOST_ALLOCATIONS; i++) {
      var answer = redis.list(CREATE, List.of(), arguments.toArray(String[]::new));
      if (!text(answer, 0).equals("again")) {
        return outcome(answer);
      }
      reportForeign(answer.get(1));
    }
    return new IntentOutcome.NoNumber();
  }

  private IntentOutcome outcome(List<@Nullable Object> answer) {
    return switch (text(answer, 0)) {
      case "ready" -> new IntentOutcome.Ready(RecordFields.read(answer.get(1)));
      case "other" -> new IntentOutcome.OtherRequest(new VolumeId(text(answer, 1)));
      case "held" -> new IntentOutcome.Held(new VolumeId(text(answer, 1)));
      case "claimed" -> claimed(answer);
      case "begun" -> {
        reportForeign(answer.get(3));
        yield claimed(answer);
      }
      case "numbers" -> {
        reportForeign(answer.get(1));
        yield new IntentOutcome.NoNumber();
      }
      case "blank" -> new IntentOutcome.BlankLost();
      case "source" -> new IntentOutcome.NoOrigin();
      case "pool" -> new IntentOutcome.PoolFull();
      case "closed" -> new IntentOutcome.NotAdmitted();
      case String other -> throw new IllegalStateException("create.lua answered " + other);
    };
  }

  private IntentOutcome.Claimed claimed(List<@Nullable Object> answer) {
    VolumeRecord volume = RecordFields.read(answer.get(2));
    return new IntentOutcome.Claimed(
        new Claim(leases, volume.id().value(), text(answer, 1)), volume);
  }

  private static void reportForeign(@Nullable Object numbers) {
    if (numbers instanceof List<?> list && !list.isEmpty()) {
      LOG.warn("Redis databases {} hold keys that are not ours and are not used", list);
    }
  }

  /** Claims a volume, in whatever state it is. */
  public ClaimOutcome claim(VolumeId id) {
    var answer = redis.list(CLAIM, List.of(), id.value(), leases.millis());
    return switch (text(answer, 0)) {
      case "absent" -> new ClaimOutcome.Absent();
      case "held" -> new ClaimOutcome.Held();
      default ->
          new ClaimOutcome.Claimed(
              new Claim(leases, id.value(), text(answer, 1)), RecordFields.read(answer.get(2)));
    };
  }

  /** The right to sweep this backend; empty while another controller has it. */
  public Optional<Claim> claimSweep() {
    return leases.take(SWEEP);
  }

  /** The right to restore credentials of this backend; empty while another controller has it. */
  public Optional<Claim> claimCredentials() {
    return leases.take(CREDENTIALS);
  }

  /** Those of these volumes that have no record. */
  public List<VolumeId> strangers(Collection<VolumeId> volumes) {
    String[] arguments = volumes.stream().map(VolumeId::value).toArray(String[]::new);
    return ids(redis.list(STRANGERS, List.of(), arguments));
  }

  /** The record of a volume, in whatever state it is. */
  public Optional<VolumeRecord> find(VolumeId id) {
    var fields = redis.list(FIND, List.of(), id.value());
    return fields.isEmpty() ? Optional.empty() : Optional.of(RecordFields.read(fields));
  }

  /** The volume of a name that is being created or ready. */
  public Optional<VolumeId> named(String name) {
    return redis.text(NAMED, List.of(), name).map(VolumeId::new);
  }

  /**
   * CREATING becomes READY; the claim ends with it.
   *
   * @param password of the volume's own Redis user, if it has one
   */
  public VolumeRecord ready(Claim claim, VolumeContext context, Optional<PasswordHash> password) {
    var fields =
        redis.list(
            READY,
            List.of(),
            claim.key(),
            claim.token(),
            RecordFields.write(context),
            password.map(PasswordHash::value).orElse(""));
    if (fields.isEmpty()) {
      throw new OperationPending(claim.key());
    }
    claim.spent();
    return RecordFields.read(fields);
  }

  /**
   * Records a ready volume's new capacity. Until {@link #grown} the volume is unfinished.
   *
   * @throws Exhausted when the pool has no room for it
   */
  public void resize(Claim claim, Capacity capacity) {
    var answer =
        redis
            .text(
                RESIZE,
                List.of(),
                claim.key(),
                claim.token(),
                Long.toString(capacity.bytes()),
                pool())
            .orElse("");
    switch (answer) {
      case "ok" -> {}
      case "pool" -> throw poolFull();
      default -> throw new OperationPending(claim.key());
    }
  }

  /** The filesystem has the capacity that was recorded. */
  public void grown(Claim claim) {
    check(claim, redis.number(GROWN, List.of(), claim.key(), claim.token()));
  }

  /** What a full pool means to a caller. */
  public Exhausted poolFull() {
    return new Exhausted(
        "the pool of %s has no room for it: delete volumes or raise POOL_SIZE"
            .formatted(settings.pool().map(Capacity::toString).orElse("2^62 bytes")));
  }

  /**
   * Makes a volume a tombstone: its name is free, it is listed no more, the claim goes on.
   *
   * @throws OperationPending also while a copy is being made of it
   */
  public void bury(Claim claim) {
    checkBuried(claim, redis.text(BURY, List.of(), claim.key(), claim.token()).orElseThrow());
  }

  static void checkBuried(Claim claim, String answer) {
    switch (answer) {
      case "ok" -> {}
      case "copied" -> throw OperationPending.copied(claim.key());
      default -> throw new OperationPending(claim.key());
    }
  }

  /**
   * Gives a volume that could not be finished a later place among the unfinished.
   *
   * @param pause after the first failure; it doubles with each, up to eight-fold
   */
  public void defer(Claim claim, Duration pause) {
    String millis = Long.toString(pause.toMillis());
    check(claim, redis.number(DEFER, List.of(), claim.key(), claim.token(), millis));
  }

  /** Ends a record whose remains are gone; its number rests, and the claim ends with it. */
  public void forget(Claim claim) {
    String rest = Long.toString(settings.rest().toMillis());
    check(claim, redis.number(FORGET, List.of(), claim.key(), claim.token(), rest));
    claim.spent();
  }

  static void check(Claim claim, long done) {
    if (done != 1) {
      throw new OperationPending(claim.key());
    }
  }

  /** The first page of ready volumes, by id. */
  public List<VolumeRecord> first(int most) {
    return list("", most);
  }

  /** The page that follows a volume, whether or not that one is still there. */
  public List<VolumeRecord> after(VolumeId last, int most) {
    return list(last.value(), most);
  }

  /** All ready volumes by id, read page by page as they are used. */
  public Stream<VolumeRecord> all() {
    return Stream.iterate(
            first(PAGE), page -> !page.isEmpty(), page -> after(page.getLast().id(), PAGE))
        .flatMap(List::stream);
  }

  private List<VolumeRecord> list(String after, int most) {
    return redis.list(LIST, List.of(), after, Integer.toString(most)).stream()
        .map(RecordFields::read)
        .toList();
  }

  /** What a sweep has to finish now, so many of each kind at most. */
  public Unfinished unfinished(Duration age, int most) {
    var answer =
        redis.list(UNFINISHED, List.of(), Long.toString(age.toMillis()), Integer.toString(most));
    return new Unfinished(ids(answer.get(0)), ids(answer.get(1)), ids(answer.get(2)));
  }

  static List<VolumeId> ids(@Nullable Object list) {
    return list instanceof List<?> items
        ? items.stream().map(item -> new VolumeId(String.valueOf(item))).toList()
        : List.of();
  }

  /**
   * Since when a volume has its conditions, by the server's clock; those that it had and has no
   * more are forgotten.
   *
   * @param conditions all of them, each a word
   * @return a time for each; none where the volume is gone, or is being deleted
   */
  public List<Instant> since(VolumeId id, List<String> conditions) {
    var arguments = Stream.concat(Stream.of(id.value()), conditions.stream());
    return redis.list(SINCE, List.of(), arguments.toArray(String[]::new)).stream()
        .map(time -> Instant.ofEpochMilli(Long.parseLong(String.valueOf(time))))
        .toList();
  }

  /** How much of the backend is taken. */
  public Room room() {
    var answer = redis.list(ROOM, List.of(), databases());
    return new Room(Long.parseLong(text(answer, 0)), text(answer, 1).equals("1"));
  }

  private String databases() {
    return Integer.toString(settings.databases().orElse(0));
  }

  private String pool() {
    return settings.pool().map(pool -> Long.toString(pool.bytes())).orElse("");
  }

  private static String text(List<@Nullable Object> answer, int index) {
    return String.valueOf(answer.get(index));
  }
}
