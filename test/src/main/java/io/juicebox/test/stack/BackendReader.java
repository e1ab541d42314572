package io.juicebox.test.stack;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanIterator;
import io.lettuce.core.api.sync.RedisCommands;
import io.minio.ListBucketsArgs;
import io.minio.ListObjectsArgs;
import io.minio.MinioClient;
import io.minio.errors.MinioException;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Lists what is in the Redis and the object store of a backend, one line for each thing. */
public final class BackendReader {
  private static final int REGISTRY = 1;

  /** In the registry: ids of accounts that wait for a volume. */
  static final String BLANKS = "blanks";

  private static final Pattern DATABASE = Pattern.compile("^db(\\d+):", Pattern.MULTILINE);

  /** When a JuiceFS mount did its background work last: it does so at any moment. */
  private static final Pattern BACKGROUND = Pattern.compile("lastCleanup\\w+");

  /** Of a record: who works on it, when space was given back last, what only grows. */
  private static final Set<String> PASSING =
      Set.of("token", "lease", "fence", "swept", "sweptTo", "private");

  private final NavigableSet<String> things = new TreeSet<>();

  private BackendReader() {}

  /**
   * Reads all of it.
   *
   * @param backend its name, which the lines have
   */
  public static Set<String> read(String backend, RedisURI redis, MinioClient objects) {
    return read(backend, RedisClient.create(redis), objects);
  }

  /**
   * Reads all of it.
   *
   * @param redis knows the address; it is closed
   */
  static Set<String> read(String backend, RedisClient redis, MinioClient objects) {
    var reader = new BackendReader();
    reader.readRedis(backend, redis);
    reader.readObjects(backend, objects);
    return reader.things;
  }

  private void readRedis(String backend, RedisClient client) {
    try (var connection = client.connect()) {
      var redis = connection.sync();
      redis.aclUsers().stream()
          .filter(user -> !user.equals("default"))
          .forEach(user -> add("user", backend, user));
      var databases = DATABASE.matcher(redis.info("keyspace"));
      while (databases.find()) {
        var number = Integer.parseInt(databases.group(1));
        redis.select(number);
        if (number == REGISTRY) {
          readRegistry(backend, redis);
        } else {
          readVolume(backend, number, keys(redis));
        }
      }
    } finally {
      client.shutdown(0, 0, TimeUnit.SECONDS);
    }
  }

  private void readVolume(String backend, int number, List<String> keys) {
    var lives = keys.contains("setting");
    keys.stream()
        .filter(key -> !lives || !BACKGROUND.matcher(key).matches())
        .forEach(key -> add("key", backend, number, key));
  }

  /**
   * The registry as facts. Left out: claims, which expire by themselves, and what passes. A number
   * that is neither free nor resting is somebody's.
   */
  private void readRegistry(String backend, RedisCommands<String, String> redis) {
    for (var key : keys(redis)) {
      var kind = key.substring(0, key.indexOf(':') + 1);
      switch (kind.isEmpty() ? key : kind) {
        case "lineage:" -> add("record", backend, key); // all it says passes
        case "volume:", "snapshot:" -> {
          var fields = new TreeMap<>(redis.hgetall(key));
          fields.keySet().removeAll(PASSING);
          add("record", backend, key, fields);
        }
        case "names" -> redis.hgetall(key).forEach((name, id) -> add("name", backend, name, id));
        case "snapshotNames" ->
            redis.hgetall(key).forEach((name, id) -> add("snapshotName", backend, name, id));
        case "copies:" ->
            redis.hgetall(key).forEach((id, source) -> add("copy", backend, key, id, source));
        case "ready",
            "creating",
            "deleting",
            "snapshots",
            "snapshotsCreating",
            "snapshotsDeleting",
            "snapshotsOf:",
            "lineages" ->
            redis.zrange(key, 0, -1).forEach(id -> add("listed", backend, key, id));
        case "relatives:" -> redis.smembers(key).forEach(id -> add("relative", backend, key, id));
        case "torn", "foreign" -> redis.smembers(key).forEach(it -> add(key, backend, it));
        case "capacity" -> {
          var sum = redis.get(key);
          if (!"0".equals(sum)) {
            add("capacity", backend, sum);
          }
        }
        case "next" -> readNumbers(backend, redis);
        case "claim:", "free", "rest", "fence", "collected", BLANKS -> {}
        default -> add("key", backend, REGISTRY, key);
      }
    }
  }

  private void readNumbers(String backend, RedisCommands<String, String> redis) {
    var unused = new HashSet<>(redis.zrange("free", 0, -1));
    unused.addAll(redis.zrange("rest", 0, -1));
    var next = Long.parseLong(redis.get("next"));
    for (var number = 2L; number < next; number++) {
      if (!unused.contains(Long.toString(number))) {
        add("number", backend, number);
      }
    }
  }

  private static List<String> keys(RedisCommands<String, String> redis) {
    return ScanIterator.scan(redis, ScanArgs.Builder.limit(1000)).stream().toList();
  }

  private void readObjects(String backend, MinioClient client) {
    try {
      for (var bucket : client.listBuckets(ListBucketsArgs.builder().build())) {
        add("bucket", backend, bucket.get().name());
        var every = ListObjectsArgs.builder().bucket(bucket.get().name()).recursive(true).build();
        for (var object : client.listObjects(every)) {
          add("object", backend, bucket.get().name() + "/" + object.get().objectName());
        }
      }
    } catch (MinioException | GeneralSecurityException | IOException e) {
      throw new IllegalStateException("cannot list the objects of " + backend, e);
    }
  }

  private void add(Object... words) {
    things.add(Arrays.stream(words).map(String::valueOf).collect(Collectors.joining(" ")));
  }
}
