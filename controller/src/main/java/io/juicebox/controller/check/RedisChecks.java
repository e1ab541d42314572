package io.juicebox.controller.check;

import io.juicebox.controller.redis.MemoryUse;
import io.juicebox.controller.redis.RedisFacts;
import io.juicebox.csi.volume.Number;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a Redis server's facts mean for volumes. */
final class RedisChecks {
  private static final Pattern VERSION = Pattern.compile("(\\d{1,4})\\.(\\d{1,4}).*");

  /** As in 6.2 and 7.0. */
  private static final int OLDEST = 602;

  private static final int TRIED = 700;

  /** What Redis has when nobody says otherwise. */
  private static final int DEFAULT_DATABASES = 16;

  private static final int FEW_CLIENTS = 1_000;

  private RedisChecks() {}

  /**
   * @param databases the setting, when there is one: numbers are below it
   * @param mostMemory the share of the memory beyond which no volume is made
   */
  static List<Check> of(RedisFacts facts, OptionalInt databases, double mostMemory) {
    return List.of(
        version(facts.version()),
        server(facts.mode(), facts.role()),
        databases(Math.min(facts.databases(), databases.orElse(Integer.MAX_VALUE))),
        policy(facts.policy(), facts.memory()),
        memory(facts.memory(), mostMemory),
        appendOnly(facts.appendOnly(), facts.writeError()),
        appendFsync(facts.appendOnly(), facts.appendFsync()),
        aclFile(facts.aclFile()),
        maxClients(facts.maxClients()));
  }

  private static Check version(String version) {
    String name = "redis.version";
    Matcher matcher = VERSION.matcher(version);
    int number =
        matcher.matches()
            ? Integer.parseInt(matcher.group(1)) * 100 + Integer.parseInt(matcher.group(2))
            : 0;
    if (number < OLDEST) {
      return Check.error(name, "Redis " + version + " is too old: run 7.0 or newer, or a Valkey");
    }
    return number < TRIED
        ? Check.warn(name, "Redis " + version + " is untried with Juicebox: run 7.0 or newer")
        : Check.ok(name, "Redis " + version);
  }

  private static Check server(String mode, String role) {
    String name = "redis.role";
    if (mode.equals("cluster")) {
      return Check.error(
          name, "Redis Cluster has no databases to put volumes in: use a standalone server");
    }
    return role.equals("master")
        ? Check.ok(name, "a " + mode + " server that takes writes")
        : Check.error(name, "the server is a replica and refuses writes: name its master");
  }

  private static Check databases(int databases) {
    String name = "redis.databases";
    int volumes = Math.max(0, databases - Number.FIRST_VOLUME.value());
    String found = "%d databases, room for %d volumes".formatted(databases, volumes);
    String remedy = ": set `databases` in redis.conf higher (100,000 empty ones cost 44 MB)";
    if (volumes == 0) {
      return Check.error(name, found + remedy);
    }
    return databases <= DEFAULT_DATABASES
        ? Check.warn(name, found + remedy)
        : Check.ok(name, found);
  }

  private static Check policy(String policy, MemoryUse memory) {
    String name = "redis.maxmemory-policy";
    if (policy.equals("noeviction")) {
      return Check.ok(name, "noeviction: a full Redis refuses writes and loses nothing");
    }
    String remedy = ": set `maxmemory-policy noeviction`";
    if (policy.startsWith("allkeys-") && memory.maxMemory() > 0) {
      return Check.error(
          name,
          policy + " makes a full Redis throw away files and directories of volumes" + remedy);
    }
    return Check.warn(
        name, policy + " may make a full Redis throw away keys that the driver needs" + remedy);
  }

  private static Check memory(MemoryUse memory, double most) {
    String name = "redis.memory";
    String found =
        String.format(Locale.ROOT, "%d bytes used, %.1f %%", memory.used(), memory.share() * 100);
    if (memory.share() > most) {
      return Check.error(
          name,
          String.format(
              Locale.ROOT,
              "%s, more than %.0f %%: no volume will be made; raise maxmemory or delete volumes",
              found,
              most * 100));
    }
    return memory.maxMemory() > 0
        ? Check.ok(name, found + " of maxmemory")
        : Check.warn(
            name,
            found
                + " of the machine's memory and no limit: the kernel may kill Redis under all"
                + " mounts; set maxmemory");
  }

  private static Check appendOnly(boolean appendOnly, boolean writeError) {
    String name = "redis.appendonly";
    if (!appendOnly) {
      return Check.warn(
          name,
          "no append-only file: a restart of Redis loses files and whole volumes since its last"
              + " snapshot; set `appendonly yes`");
    }
    return writeError
        ? Check.error(
            name, "the last write to the append-only file failed: look at Redis's log and disk")
        : Check.ok(name, "every write goes to the append-only file");
  }

  private static Check appendFsync(boolean appendOnly, Optional<String> when) {
    String name = "redis.appendfsync";
    if (!appendOnly) {
      return Check.warn(name, "without an append-only file fsync in a volume promises nothing");
    }
    String remedy = "; set `appendfsync always` where that must not be";
    return switch (when.orElse("unknown")) {
      case "always" -> Check.ok(name, "always: what an application has synced survives");
      case "everysec" ->
          Check.warn(
              name,
              "everysec: when Redis's machine dies, up to 2 seconds of synced files are lost"
                  + remedy);
      case "no" ->
          Check.warn(
              name,
              "no: when Redis's machine dies, some 30 seconds of synced files are lost" + remedy);
      default ->
          Check.warn(
              name,
              "the server does not tell (CONFIG is refused): unless it is `always`, synced files"
                  + " may be lost when its machine dies");
    };
  }

  private static Check aclFile(Optional<String> file) {
    String name = "redis.aclfile";
    if (file.isPresent() && !file.get().isBlank()) {
      return Check.ok(name, "the users of volumes outlast a restart");
    }
    String what =
        file.isPresent() ? "none" : "the server does not tell (CONFIG is refused): if it has none";
    return Check.warn(
        name,
        what
            + ", a restart of Redis loses the users of volumes, and programs get errors until the"
            + " controller has made them again; set `aclfile`");
  }

  private static Check maxClients(OptionalInt maxClients) {
    String name = "redis.maxclients";
    if (maxClients.isEmpty()) {
      return Check.ok(name, "the server does not tell how many connections it takes");
    }
    int connections = maxClients.getAsInt();
    String found =
        "%d connections, enough for about %d mounts".formatted(connections, connections / 2);
    return connections < FEW_CLIENTS
        ? Check.warn(name, found + ": further mounts will fail; raise maxclients")
        : Check.ok(name, found);
  }
}
