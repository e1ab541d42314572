package io.juicebox.test.stack;

import io.juicebox.test.server.MemoryCgroups;
import io.juicebox.test.server.Remains;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SslOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Looks at every place where the stack can leave something. Touches no mount. */
final class InventoryReader {
  /** Files in a node's folders are listed to this depth; deeper ones are JuiceFS's cache. */
  private static final int DEPTH = 2;

  /** A flag in /proc/net/unix (__SO_ACCEPTCON). */
  private static final String LISTENS = "00010000";

  private final LocalStack stack;
  private final NavigableSet<String> things = new TreeSet<>();

  private InventoryReader(LocalStack stack) {
    this.stack = stack;
  }

  static Inventory read(LocalStack stack) {
    var reader = new InventoryReader(stack);
    for (var backend : stack.backends()) {
      reader.things.addAll(
          BackendReader.read(backend.name(), redis(backend), stack.objects(backend)));
      reader.readAccounts(backend);
    }
    var mounts = reader.readMounts();
    reader.readProcesses();
    reader.readSockets();
    stack.nodes().forEach(reader::readDriver);
    stack.mountServices().forEach(reader::readDriver);
    reader.readFiles(mounts);
    return new Inventory(reader.things);
  }

  /** As MinIO keeps them: its API would need a second for it. Those that wait are no volume's. */
  private void readAccounts(Backend backend) {
    var accounts = backend.minio().accounts(); // first: whatever waits is reserved before
    var waiting =
        backend.redis().cli(1, "ZRANGE", BackendReader.BLANKS, "0", "-1").lines().toList();
    accounts.stream()
        .filter(account -> !waiting.contains(account))
        .forEach(account -> add("account", backend.name(), account));
  }

  private static RedisClient redis(Backend backend) {
    var client = RedisClient.create(RedisURI.create(backend.redis().uri(0)));
    backend
        .authority()
        .map(known ->
            SslOptions.builder().keyManager(known.keys()).trustManager(known.trust()).build())
        .ifPresent(ssl -> client.setOptions(ClientOptions.builder().sslOptions(ssl).build()));
    return client;
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

  /**
   * Sockets that somebody listens on, of which the file may be gone. Some are made in a folder of
   * their own, that has any name, before they are put in their place.
   */
  private void readSockets() {
    var counts = new TreeMap<String, Integer>();
    try {
      for (var line : Files.readAllLines(Path.of("/proc/net/unix"))) {
        var fields = line.split(" +", -1);
        boolean listens = fields.length > 7 && fields[3].equals(LISTENS);
        if (listens && Path.of(fields[7]).startsWith(stack.home())) {
          var path = shortened(fields[7]).replaceFirst("(^|/)\\.[0-9a-f]+/s$", "$1*");
          counts.merge(path, 1, Integer::sum);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    counts.forEach((path, count) -> add("socket", path, count));
  }

  /** What a program of a node holds for its volumes. */
  private void readDriver(DriverProcess program) {
    var descriptors = OpenDescriptors.of(program.pid());
    descriptors.kept().forEach((kind, count) -> add("descriptor", program.name(), kind, count));
    // As the program names what holds the cgroups of its volumes.
    var owner =
        "%s-%08x".formatted(program.setting("NODE_ID"), program.setting("STATE_DIR").hashCode());
    MemoryCgroups.around(program.pid()).stream()
        .map(Path::toString)
        .filter(cgroup -> cgroup.contains("/juicebox-" + owner + "/"))
        .forEach(cgroup -> add("cgroup", cgroup.substring(cgroup.indexOf(owner))));
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
    for (var service : stack.mountServices()) {
      readFiles(stack.home().resolve(service.name()), mounts, 1);
    }
    readFiles(stack.home().resolve("targets"), mounts, DEPTH);
    readFiles(LocalStack.credentials(stack.home()), mounts, 1);
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
