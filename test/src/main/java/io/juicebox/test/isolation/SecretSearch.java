package io.juicebox.test.isolation;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.juicebox.test.server.Remains;
import io.juicebox.test.stack.DriverProcess;
import io.juicebox.test.stack.LocalStack;
import io.lettuce.core.RedisClient;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanIterator;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.StringCodec;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Every place of a stack where a secret may have got to, as text, by a name for the place. */
record SecretSearch(LocalStack stack) {
  /** Mounts, the users' own data in caches, and what MinIO stores. */
  private static final List<String> FOREIGN = List.of("mount", "targets", "cache", "minio");

  /** Of the servers, in which their administrators' keys are. */
  private static final List<String> SERVERS = List.of("redis.conf", "users.acl", "minio.keys");

  private static final Pattern DATABASE = Pattern.compile("^db(\\d+):", Pattern.MULTILINE);

  /** The programs of the stack, by their pids; the servers are none of ours. */
  Map<Long, String> processes() throws IOException {
    var processes = new TreeMap<Long, String>();
    for (long pid : Remains.processesNaming(stack.home())) {
      try {
        String name = Files.readString(Path.of("/proc/" + pid + "/comm")).strip();
        if (!List.of("redis-server", "minio").contains(name)) {
          processes.put(pid, name);
        }
      } catch (NoSuchFileException e) {
        // it ended meanwhile
      }
    }
    return processes;
  }

  /** A file of /proc of each program, {@code cmdline} or {@code environ}. */
  Map<String, String> ofProcesses(String file) throws IOException {
    var found = new TreeMap<String, String>();
    for (var process : processes().entrySet()) {
      try {
        found.put(
            "%s (%s of process %d)".formatted(process.getValue(), file, process.getKey()),
            text(Path.of("/proc/" + process.getKey() + "/" + file)));
      } catch (IOException e) {
        // it ended meanwhile
      }
    }
    return found;
  }

  /** Regular files of the stack, logs and state and what was left by a crash among them. */
  Map<String, String> files() throws IOException {
    var found = new TreeMap<String, String>();
    var pending = new ArrayList<>(List.of(stack.home()));
    while (!pending.isEmpty()) {
      try (var entries = Files.newDirectoryStream(pending.removeLast())) {
        for (Path entry : entries) {
          boolean own = !FOREIGN.contains(entry.getFileName().toString());
          if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS) && own) {
            pending.add(entry);
          } else if (Files.isRegularFile(entry, LinkOption.NOFOLLOW_LINKS)
              && !SERVERS.contains(entry.getFileName().toString())) {
            put(found, entry);
          }
        }
      } catch (NoSuchFileException e) {
        // it was removed meanwhile, as the folder in which a socket is made
      }
    }
    return found;
  }

  private void put(Map<String, String> found, Path file) throws IOException {
    try {
      found.put(stack.home().relativize(file).toString(), text(file));
    } catch (NoSuchFileException e) {
      // removed since it was listed
    }
  }

  /** What the programs tell whoever asks over HTTP. */
  Map<String, String> pages() throws IOException {
    var programs = new ArrayList<>(List.of(stack.controller(), stack.node(), stack.mountService()));
    var found = new TreeMap<String, String>();
    try (var client = HttpClient.newHttpClient()) {
      for (DriverProcess program : programs) {
        for (String page : List.of("/metrics", "/healthz", "/readyz")) {
          var address = URI.create("http://" + program.setting("OPS_ADDRESS") + page);
          var answer =
              client.send(HttpRequest.newBuilder(address).build(), BodyHandlers.ofString());
          found.put(program.name() + page, answer.headers().map() + answer.body());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
    return found;
  }

  /** All keys and values of all numbers, the registry and the users with it. */
  Map<String, String> numbers() {
    var found = new TreeMap<String, String>();
    var client = RedisClient.create(stack.backend().redis().uri(0));
    try (var connection = client.connect(new StringCodec(ISO_8859_1))) {
      var redis = connection.sync();
      found.put("the users of Redis", String.join("\n", redis.aclList()));
      var databases = DATABASE.matcher(redis.info("keyspace"));
      while (databases.find()) {
        redis.select(Integer.parseInt(databases.group(1)));
        found.put(
            "number " + databases.group(1),
            ScanIterator.scan(redis, ScanArgs.Builder.limit(1000)).stream()
                .map(key -> key + " " + value(redis, key))
                .collect(Collectors.joining("\n")));
      }
    } finally {
      client.shutdown(0, 0, TimeUnit.SECONDS);
    }
    return found;
  }

  /** As text: a dump may be compressed. */
  private static String value(RedisCommands<String, String> redis, String key) {
    return switch (redis.type(key)) {
      case "string" -> redis.get(key);
      case "hash" -> redis.hgetall(key).toString();
      case "list" -> redis.lrange(key, 0, -1).toString();
      case "set" -> redis.smembers(key).toString();
      case "zset" -> redis.zrange(key, 0, -1).toString();
      case "none" -> ""; // it expired meanwhile
      case String other -> throw new IllegalStateException(key + " is a " + other);
    };
  }

  private static String text(Path file) throws IOException {
    return new String(Files.readAllBytes(file), ISO_8859_1);
  }
}
