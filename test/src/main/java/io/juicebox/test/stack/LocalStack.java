package io.juicebox.test.stack;

import io.juicebox.test.server.FreePort;
import io.juicebox.test.server.Remains;
import io.juicebox.test.server.TestDirectory;
import io.juicebox.test.server.Tools;
import io.juicebox.test.server.Waiting;
import io.minio.MinioClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Everything that Juicebox is, on this machine: for each backend a Redis and a MinIO, one
 * controller, one node plugin or more. All of it lives in one directory, the home, so that {@link
 * Remains} can remove it in any state.
 */
public final class LocalStack implements AutoCloseable {
  /** The name of the first backend. */
  public static final String DEFAULT_BACKEND = "default";

  /** The name of the first node. */
  public static final String FIRST_NODE = "node";

  private static final String CONTROLLER = "controller";

  /** sockaddr_un holds 108 bytes; the node's own sockets lie some 60 bytes below the home. */
  private static final int LONGEST_HOME = 45;

  private final Path home;
  private final Runnable atClose;
  private final List<Backend> backends;
  private final DriverProcess controller;
  private final List<DriverProcess> nodes;
  private final ConcurrentHashMap<String, MinioClient> objectClients = new ConcurrentHashMap<>();

  private LocalStack(
      Path home,
      Runnable atClose,
      List<Backend> backends,
      DriverProcess controller,
      List<DriverProcess> nodes) {
    this.home = home;
    this.atClose = atClose;
    this.backends = backends;
    this.controller = controller;
    this.nodes = nodes;
  }

  /**
   * Starts a stack in a directory of its own; everything ends at {@link #close} or with this JVM.
   */
  public static LocalStack start() {
    return builder().start();
  }

  public static Builder builder() {
    return new Builder();
  }

  /** Whether a directory's path is short enough to be a home. */
  public static boolean isShortEnough(Path home) {
    return home.toString().getBytes(StandardCharsets.UTF_8).length <= LONGEST_HOME;
  }

  /**
   * The complete stack of one backend and one node that another JVM started in a directory; empty
   * if any part is gone.
   */
  public static Optional<LocalStack> find(Path home) {
    var backend = Backend.find(home, DEFAULT_BACKEND);
    var controller = DriverProcess.find(CONTROLLER, home);
    var node = DriverProcess.find(FIRST_NODE, home);
    if (backend.isEmpty() || controller.isEmpty() || node.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new LocalStack(
            home,
            () -> Remains.remove(home),
            List.of(backend.get()),
            controller.get(),
            new ArrayList<>(List.of(node.get()))));
  }

  /** What a stack consists of. */
  public static final class Builder {
    private final List<String> backends = new ArrayList<>(List.of(DEFAULT_BACKEND));
    private final Map<String, String> controller = new TreeMap<>();
    private final Map<String, String> node = new TreeMap<>();

    private Builder() {}

    /** One more backend. */
    public Builder backend(String name) {
      backends.add(name);
      return this;
    }

    /** One more setting of the controller. */
    public Builder controller(String key, String value) {
      controller.put(key, value);
      return this;
    }

    /** One more setting of the nodes. */
    public Builder node(String key, String value) {
      node.put(key, value);
      return this;
    }

    /** The programs can be held at their named steps. */
    public Builder holdable() {
      controller.put("JUICEBOX_PAUSE_DIR", "");
      node.put("JUICEBOX_PAUSE_DIR", "");
      return this;
    }

    /** Starts it in a directory of its own; everything ends at {@link #close} or with this JVM. */
    public LocalStack start() {
      var directory = TestDirectory.create("s");
      try {
        return start(directory.path(), directory::close);
      } catch (RuntimeException e) {
        directory.close();
        throw e;
      }
    }

    /** Starts it in an empty directory; it outlives this JVM unless it is closed. */
    public LocalStack startIn(Path home) {
      try {
        return start(home, () -> Remains.remove(home));
      } catch (RuntimeException e) {
        Remains.remove(home);
        throw e;
      }
    }

    private LocalStack start(Path home, Runnable atClose) {
      if (!isShortEnough(home)) {
        throw new IllegalArgumentException(
            "the path of the stack's directory is longer than %d bytes, its sockets' would be too long: %s"
                .formatted(LONGEST_HOME, home));
      }
      var servers = inParallel(backends, name -> Backend.start(home, name));
      servers.forEach(backend -> backend.writeKeys(home.resolve("backends")));
      var controllerProcess =
          CompletableFuture.supplyAsync(
              () -> DriverProcess.start(CONTROLLER, home, "controller", controllerSettings(home)));
      var nodeProcess = startNode(home, FIRST_NODE, node);
      return new LocalStack(
          home, atClose, servers, joined(controllerProcess), new ArrayList<>(List.of(nodeProcess)));
    }

    private Map<String, String> controllerSettings(Path home) {
      var settings = new TreeMap<String, String>();
      settings.put("BACKENDS", String.join(",", backends));
      settings.put("BACKENDS_DIR", home.resolve("backends").toString());
      settings.put("OPS_ADDRESS", "127.0.0.1:" + FreePort.find());
      settings.put("JUICEFS", Tools.program("juicefs").toString());
      settings.putAll(controller);
      withHolds(home, CONTROLLER, settings);
      return settings;
    }
  }

  public Path home() {
    return home;
  }

  /** The first backend. */
  public Backend backend() {
    return backends.getFirst();
  }

  public List<Backend> backends() {
    return backends;
  }

  public Backend backend(String name) {
    return backends.stream()
        .filter(backend -> backend.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  public DriverProcess controller() {
    return controller;
  }

  /** The first node. */
  public DriverProcess node() {
    return nodes.getFirst();
  }

  public List<DriverProcess> nodes() {
    return nodes;
  }

  /** Starts one more node on this machine, with settings that differ from the first one's. */
  public DriverProcess addNode(String name, Map<String, String> changes) {
    var added = startNode(home, name, changes);
    nodes.add(added);
    return added;
  }

  /** The node-publish secret of the first backend's volumes. */
  public Map<String, String> secrets() {
    return backend().secrets();
  }

  /** A target path that doesn't exist yet, in a directory that does. */
  public Path target(String name) {
    try {
      return Files.createDirectories(home.resolve("targets")).resolve(name);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** An administrator's client of a backend's object store. */
  public MinioClient objects(Backend backend) {
    // Kept, because making one takes a third of a second.
    return objectClients.computeIfAbsent(
        backend.name(),
        _ ->
            MinioClient.builder()
                .endpoint(backend.minio().endpoint())
                .credentials(backend.minio().accessKey(), backend.minio().secretKey())
                .region("us-east-1")
                .build());
  }

  /** All that exists now. */
  public Inventory inventory() {
    return InventoryReader.read(this);
  }

  /**
   * What came and went since an earlier inventory and stays so: a large delete goes on in the
   * background, so this waits until nothing is left or the time is over. The shared buckets don't
   * count, the controller keeps them.
   */
  public List<String> leftSince(Inventory before, Duration limit) {
    var buckets = backends.stream().map(b -> "+ bucket " + b.name() + " " + b.bucket()).toList();
    var left = new ArrayList<String>();
    var _ =
        Waiting.until(
            () -> {
              left.clear();
              left.addAll(inventory().since(before));
              left.removeAll(buckets);
              return left.isEmpty();
            },
            limit,
            Duration.ofMillis(100));
    return left;
  }

  /** Ends and removes all of it. */
  @Override
  public void close() {
    controller.closeClient();
    nodes.forEach(DriverProcess::closeClient);
    atClose.run();
  }

  private static DriverProcess startNode(Path home, String name, Map<String, String> changes) {
    var settings = new TreeMap<String, String>();
    settings.put("NODE_ID", name);
    settings.put("STATE_DIR", home.resolve(name).toString());
    settings.put("OPS_ADDRESS", "127.0.0.1:" + FreePort.find());
    settings.put("JUICEFS", Tools.program("juicefs").toString());
    settings.putAll(changes);
    withHolds(home, name, settings);
    return DriverProcess.start(name, home, "node", settings);
  }

  /** Each program gets a folder of its own for holds. */
  private static void withHolds(Path home, String name, Map<String, String> settings) {
    if (settings.containsKey("JUICEBOX_PAUSE_DIR")) {
      try {
        var folder = Files.createDirectories(home.resolve("holds").resolve(name));
        settings.put("JUICEBOX_PAUSE_DIR", folder.toString());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static <T> List<T> inParallel(List<String> names, Function<String, T> start) {
    Supplier<List<CompletableFuture<T>>> all =
        () ->
            names.stream()
                .map(name -> CompletableFuture.supplyAsync(() -> start.apply(name)))
                .toList();
    return all.get().stream().map(LocalStack::joined).toList();
  }

  private static <T> T joined(CompletableFuture<T> future) {
    try {
      return future.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }
}
