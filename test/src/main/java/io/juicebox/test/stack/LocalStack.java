package io.juicebox.test.stack;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.juicebox.test.server.Remains;
import io.juicebox.test.server.TestingAuthority;
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
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.X509TrustManager;
import okhttp3.OkHttpClient;

/**
 * Everything that Juicebox is, on this machine: for each backend a Redis and a MinIO, one
 *
 * <p>controller, one node plugin or more, and for each a mount service if wanted. All of it lives
 * in one directory, the home, so that {@link Remains} can remove it in any state.
 */
public final class LocalStack implements AutoCloseable {
  /** The name of the first backend. */
  public static final String DEFAULT_BACKEND = "default";

  /** The name of the first node. */
  public static final String FIRST_NODE = "node";

  private static final ObjectMapper JSON = new ObjectMapper();

  static final String CONTROLLER = "controller";

  /** sockaddr_un holds 108 bytes; the node's own sockets lie some 60 bytes below the home. */
  static final int LONGEST_HOME = 45;

  private final Path home;
  private final Runnable atClose;
  private final List<Backend> backends;
  private final DriverProcess controller;
  private final List<NodeProcesses> nodes;
  private final ConcurrentHashMap<String, MinioClient> objectClients = new ConcurrentHashMap<>();

  LocalStack(
      Path home,
      Runnable atClose,
      List<Backend> backends,
      DriverProcess controller,
      List<NodeProcesses> nodes) {
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

  public static StackBuilder builder() {
    return new StackBuilder();
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
    var node = NodeProcesses.find(home, FIRST_NODE);
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

  public Path home() {
    return home;
  }

  /** Where the controller keeps the credentials of volumes, and nodes find them. */
  static Path credentials(Path home) {
    return home.resolve("credentials");
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
    return nodes.getFirst().plugin();
  }

  public List<DriverProcess> nodes() {
    return nodes.stream().map(NodeProcesses::plugin).toList();
  }

  /** The first node's mount service, in a stack that has them. */
  public DriverProcess mountService() {
    return mountService(FIRST_NODE);
  }

  /** A node's mount service, in a stack that has them. */
  public DriverProcess mountService(String node) {
    return nodes.stream()
        .filter(processes -> processes.plugin().name().equals(node))
        .flatMap(processes -> processes.mounts().stream())
        .findFirst()
        .orElseThrow(() -> new IllegalStateException(node + " has no mount service"));
  }

  /** All mount services; none where the plugins start the juicefs processes themselves. */
  public List<DriverProcess> mountServices() {
    return nodes.stream().flatMap(processes -> processes.mounts().stream()).toList();
  }

  /** Starts one more node on this machine, with settings that differ from the first one's. */
  public DriverProcess addNode(String name, Map<String, String> changes) {
    var added = NodeProcesses.start(home, name, changes, !mountServices().isEmpty());
    nodes.add(added);
    return added.plugin();
  }

  /** The keys of a volume as nodes find them. */
  public Map<String, String> keys(String volume) {
    try {
      return JSON.readValue(
          Files.readString(credentials(home).resolve(volume)), new TypeReference<>() {});
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The node-publish secret of volumes: nodes find the credentials in their directory. */
  public Map<String, String> secrets() {
    return Map.of();
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
        _ -> {
          var client =
              MinioClient.builder()
                  .endpoint(backend.minio().endpoint())
                  .credentials(backend.minio().accessKey(), backend.minio().secretKey())
                  .region("us-east-1");
          backend.authority().ifPresent(authority -> client.httpClient(trusting(authority)));
          return client.build();
        });
  }

  private static OkHttpClient trusting(TestingAuthority authority) {
    var trust = (X509TrustManager) authority.trust().getTrustManagers()[0];
    return new OkHttpClient.Builder()
        .sslSocketFactory(authority.context().getSocketFactory(), trust)
        .build();
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
    nodes().forEach(DriverProcess::closeClient);
    atClose.run();
  }
}
