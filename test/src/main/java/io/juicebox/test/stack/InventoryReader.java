package io.juicebox.test.stack;

import io.juicebox.test.server.Remains;
import io.lettuce.core.RedisClient;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanIterator;
import io.lettuce.core.api.sync.RedisCommands;
import io.minio.ListBucketsArgs;
import io.minio.ListObjectsArgs;
import io.minio.errors.MinioException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
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

/** Looks at every place where the stack can leave something. Touches no mount. */
final class InventoryReader {
  private static final int REGISTRY = 1;
  private static final Pattern DATABASE = Pattern.compile("^db(\\d+):", Pattern.MULTILINE);

  /** When a JuiceFS mount did its background work last: it does so at any moment. */
  private static final Pattern BACKGROUND = Pattern.compile("lastCleanup\\w+");

  /** Files in a node's folders are listed to this depth; deeper ones are JuiceFS's cache. */
  private static final int DEPTH = 2;

  private final LocalStack stack;
  private final NavigableSet<String> things = new TreeSet<>();

  private InventoryReader(LocalStack stack) {
    this.stack = stack;
  }

  static Inventory read(LocalStack stack) {
    var reader = new InventoryReader(stack);
    stack.backends().forEach(reader::readRedis);
    stack.backends().forEach(reader::readObjects);
    var mounts = reader.readMounts();
    reader.readProcesses();
    reader.readFiles(mounts);
    return new Inventory(reader.things);
  }

  private void readRedis(Backend backend) {
    var client = RedisClient.create(backend.redis().uri(0));
    try (var connection = client.connect()) {
      var redis = connection.sync();
      var databases = DATABASE.matcher(redis.info("keyspace"));
      while (databases.find()) {
        var number = Integer.parseInt(databases.group(1));
        redis.select(number);
        if (number == REGISTRY) {
          readRegistry(backend.name(), redis);
        } else {
          readVolume(backend.name(), number, keys(redis));
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
   * The registry as facts. Left out: claims, which expire by themselves, and counters that only
   * grow. A number that is neither free nor resting is somebody's.
   */
  private void readRegistry(String backend, RedisCommands<String, String> redis) {
    for (var key : keys(redis)) {
      if (key.startsWith("volume:")) {
        var fields = new TreeMap<>(redis.hgetall(key));
        fields.keySet().removeAll(Set.of("token", "lease", "fence"));
        add("record", backend, key, fields);
      } else if (key.equals("names")) {
        redis.hgetall(key).forEach((name, id) -> add("name", backend, name, id));
      } else if (Set.of("ready", "creating", "deleting").contains(key)) {
        redis.zrange(key, 0, -1).forEach(id -> add("listed", backend, key, id));
      } else if (key.equals("capacity")) {
        var sum = redis.get(key);
        if (!"0".equals(sum)) {
          add("capacity", backend, sum);
        }
      } else if (key.equals("foreign")) {
        redis.smembers(key).forEach(number -> add("foreign", backend, number));
      } else if (key.equals("next")) {
        readNumbers(backend, redis);
      } else if (!key.startsWith("claim:") && !Set.of("free", "rest", "fence").contains(key)) {
        add("key", backend, REGISTRY, key);
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

  private void readObjects(Backend backend) {
    var client = stack.objects(backend);
    try {
      for (var bucket : client.listBuckets(ListBucketsArgs.builder().build())) {
        add("bucket", backend.name(), bucket.get().name());
        var every = ListObjectsArgs.builder().bucket(bucket.get().name()).recursive(true).build();
        for (var object : client.listObjects(every)) {
          add("object", backend.name(), bucket.get().name() + "/" + object.get().objectName());
        }
      }
    } catch (MinioException | GeneralSecurityException | IOException e) {
      throw new IllegalStateException("cannot list the objects of " + backend.name(), e);
    }
  }

  /** Returns the mount points, which nothing here may touch. */
  private Set<Path> readMounts() {
    var points = new HashSet<Path>();
    try {
      for (var line : Files.readAllLines(Path.of("/proc/self/mountinfo"))) {
        var fields = line.split(" ", -1);
        var point = Path.of(fields[4]);
        if (point.startsWith(stack.home())) {
          var type = fields[List.of(fields).indexOf("-") + 1];
          var mode = fields[5].startsWith("ro") ? "ro" : "rw";
          points.add(point);
          add("mount", type, mode, shortened(point.toString()));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return points;
  }

  /**
   * A process is told by its program and the file that its output goes to; juicefs hides its
   * arguments.
   */
  private void readProcesses() {
    for (var pid : Remains.processesNaming(stack.home())) {
      var process = Path.of("/proc", pid.toString());
      try {
        var name = Files.readString(process.resolve("comm")).strip();
        var output = Files.readSymbolicLink(process.resolve("fd/1"));
        add("process", name, shortened(output.toString()));
      } catch (IOException e) {
        // It ended a moment ago.
      }
    }
  }

  private void readFiles(Set<Path> mounts) {
    for (var node : stack.nodes()) {
      // A node's own folders are there for good; what is in them is not.
      for (var folder : children(stack.home().resolve(node.name()))) {
        if (Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
          readFiles(folder, mounts, DEPTH);
        } else {
          add("file", shortened(folder.toString()));
        }
      }
    }
    readFiles(stack.home().resolve("targets"), mounts, DEPTH);
  }

  private void readFiles(Path directory, Set<Path> mounts, int depth) {
    for (var entry : children(directory)) {
      if (mounts.contains(entry)) {
        add("directory", shortened(entry.toString()));
      } else if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
        add("directory", shortened(entry.toString()));
        if (depth > 1) {
          readFiles(entry, mounts, depth - 1);
        }
      } else {
        add("file", shortened(entry.toString()));
      }
    }
  }

  /** What is in a directory; nothing if it isn't there. */
  private static List<Path> children(Path directory) {
    var found = new ArrayList<Path>();
    try (var entries = Files.newDirectoryStream(directory)) {
      entries.forEach(found::add);
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return found;
  }

  private String shortened(String path) {
    return path.replace(stack.home() + "/", "");
  }

  private void add(Object... words) {
    things.add(Arrays.stream(words).map(String::valueOf).collect(Collectors.joining(" ")));
  }
}
