import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.grpc.StatusRuntimeException;
import io.juicebox.csi.spec.NodeGetVolumeStatsRequest;
import io.juicebox.csi.spec.VolumeCapability.AccessMode.Mode;
import io.juicebox.test.client.CsiClient;
import io.juicebox.test.client.Requests;
import io.juicebox.test.server.FreePort;
import io.juicebox.test.server.RunningProgram;
import io.juicebox.test.server.TestDirectory;
import io.juicebox.test.server.TestingMinio;
import io.juicebox.test.server.TestingRedis;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executors;

/**
 * Runs both programs in the roots of their images against real servers: one volume from its
 * creation to its end. Of Kubernetes there are only a few answers of an API server, for the classes
 * that the controller needs to understand them; what it does with them is tested on a real one.
 *
 * <p>{@code check}: the class cache must load, and hold most classes; prints times of starts
 * with and without it. {@code train}: writes the lists of the classes that the programs load.
 */
final class Rehearsal {
  private static final Duration START = Duration.ofSeconds(60);
  private static final Duration STOP = Duration.ofSeconds(30);
  private static final Mode MODE = Mode.SINGLE_NODE_MULTI_WRITER;
  private static final int STARTS = 7;
  private static final String CACHE = "@/app/cache.options";

  /** In a container of each program its own user, and no other. */
  private static final Map<String, String> USERS = Map.of("controller", "65532", "node", "0");

  private final Path images;
  private final Path roots;
  private final Path home;
  private final TestingRedis redis;
  private final TestingMinio minio;
  private final HttpServer kubernetes;

  private Rehearsal(Path images, Path roots, Path home) throws IOException {
    this.images = images;
    this.roots = roots;
    this.home = home;
    this.redis = TestingRedis.startIn(Files.createDirectory(home.resolve("redis")), 64);
    this.minio = TestingMinio.startIn(Files.createDirectory(home.resolve("minio")));
    for (var program : USERS.keySet()) {
      own(program, Files.createDirectory(folder(program)));
    }
    writeKeys();
    Files.createDirectory(folder("node").resolve("plugins_registry"));
    this.kubernetes = kubernetes();
  }

  /** A node with the driver and the startup taint; it takes patches and events. */
  private static HttpServer kubernetes() throws IOException {
    var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    var named = "{\"name\": \"rehearsal\", \"resourceVersion\": \"1\"}";
    var driver = "{\"name\": \"csi.juicebox.io\", \"nodeID\": \"rehearsal\", \"topologyKeys\": null}";
    var taint = "{\"key\": \"csi.juicebox.io/agent-not-ready\", \"effect\": \"NoExecute\"}";
    var list = "{\"kind\": \"%sList\", \"apiVersion\": \"%s\", \"metadata\": {\"resourceVersion\": \"1\"}, \"items\": [{\"metadata\": %s, \"spec\": %s}]}";
    server.createContext(
        "/apis/storage.k8s.io/v1/csinodes",
        call -> {
          if (call.getRequestURI().getQuery().contains("watch=true")) {
            call.sendResponseHeaders(200, 0); // and never an event
          } else {
            answer(call, 200, list.formatted("CSINode", "storage.k8s.io/v1", named, "{\"drivers\": [" + driver + "]}"));
          }
        });
    server.createContext(
        "/api/v1/nodes",
        call -> {
          if (call.getRequestMethod().equals("GET")) {
            answer(call, 200, list.formatted("Node", "v1", named, "{\"taints\": [" + taint + "]}"));
          } else {
            answer(call, 200, "{\"kind\": \"Node\", \"apiVersion\": \"v1\", \"metadata\": %s}".formatted(named));
          }
        });
    server.createContext(
        "/api/v1/namespaces",
        call -> answer(call, 201, new String(call.getRequestBody().readAllBytes(), StandardCharsets.UTF_8)));
    server.start();
    return server;
  }

  private static void answer(HttpExchange call, int status, String json) throws IOException {
    try (call) {
      call.getResponseHeaders().add("Content-Type", "application/json");
      byte[] body = json.getBytes(StandardCharsets.UTF_8);
      call.sendResponseHeaders(status, body.length);
      call.getResponseBody().write(body);
    }
  }

  public static void main(String[] arguments) throws Exception {
    var images = Path.of(arguments[1]).toAbsolutePath();
    try (var directory = TestDirectory.create("i")) {
      allow(directory.path(), "rwx--x--x");
      var rehearsal = new Rehearsal(images, Path.of(arguments[2]), directory.path());
      try {
        switch (arguments[0]) {
          case "check" -> rehearsal.check();
          case "train" -> rehearsal.train();
          default -> throw new IllegalArgumentException(arguments[0]);
        }
      } finally {
        rehearsal.kubernetes.stop(0); // its thread would keep this program
      }
    }
    System.exit(0);
  }

  private void check() throws Exception {
    run(program -> List.of(CACHE, "-XX:AOTMode=on", "-Xlog:class+load:file=" + folder(program) + "/loads"));
    for (var program : USERS.keySet().stream().sorted().toList()) {
      var loads = Files.readAllLines(folder(program).resolve("loads"));
      var cached = loads.stream().filter(line -> line.contains("source: shared objects file")).count();
      System.out.printf(
          "%-10s  %d of %d classes from the cache; with it %s; without %s%n",
          program,
          cached,
          loads.size(),
          medianStart(program, "-XX:AOTMode=on"),
          medianStart(program, "-XX:AOTMode=off"));
      if (cached < loads.size() * 8 / 10) {
        throw new IllegalStateException(
            "the class list of the %s is old: run deploy/images/check.sh train".formatted(program));
      }
    }
  }

  /** Until Probe says ready, which it does once Redis and the object store have answered. */
  private String medianStart(String program, String flag) throws IOException {
    var times = new ArrayList<Long>();
    var memory = new ArrayList<Long>();
    for (int i = 0; i < STARTS; i++) {
      var begin = System.nanoTime();
      var running = start(program, List.of(CACHE, flag));
      times.add((System.nanoTime() - begin) / 1_000_000);
      memory.add(residentMegabytes(running.pid()));
      running.stop(STOP);
    }
    return "ready after %d ms with %d MB resident".formatted(median(times), median(memory));
  }

  private static long median(List<Long> values) {
    return values.stream().sorted().toList().get(values.size() / 2);
  }

  private static long residentMegabytes(long pid) throws IOException {
    return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
        .filter(line -> line.startsWith("VmRSS"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) / 1000)
        .findFirst()
        .orElseThrow();
  }

  private void train() throws Exception {
    run(program -> List.of("-XX:DumpLoadedClassList=" + folder(program) + "/classes"));
    for (var program : USERS.keySet()) {
      // Without what names entries of the constant pool: those move with every change of a class.
      var lines =
          Files.readAllLines(folder(program).resolve("classes")).stream()
              .filter(line -> !line.startsWith("#") && !line.startsWith("@cp"))
              .map(line -> line.replaceFirst(" id: [0-9]+$", ""))
              .sorted()
              .distinct()
              .toList();
      var written = Files.write(folder(program).resolve("sorted"), lines);
      Files.move(
          written, images.resolve(program + ".classes"), StandardCopyOption.REPLACE_EXISTING);
      System.out.printf("%s: %d lines%n", program, lines.size());
    }
  }

  private interface Flags {
    List<String> of(String program);
  }

  /** One volume, by both programs. */
  private void run(Flags flags) {
    var controller = start("controller", flags.of("controller"));
    var node = start("node", flags.of("node"));
    try (var provision = CsiClient.of(socket("controller"));
        var mount = CsiClient.of(socket("node"))) {
      var volume = provision.controller().createVolume(Requests.create("v", 1 << 30, MODE)).getVolume();
      var target = folder("node").resolve("target");
      var _ = mount.node().nodePublishVolume(Requests.publish(volume, target, MODE, keys()));
      var stats =
          mount
              .node()
              .nodeGetVolumeStats(
                  NodeGetVolumeStatsRequest.newBuilder()
                      .setVolumeId(volume.getVolumeId())
                      .setVolumePath(target.toString())
                      .build());
      if (stats.getUsage(0).getTotal() != 1 << 30) {
        throw new IllegalStateException("not our volume: " + stats);
      }
      var _ = mount.node().nodePublishVolume(Requests.publish(volume, target, MODE, keys()));
      var _ = provision.controller().controllerExpandVolume(Requests.expand(volume, 2L << 30));
      var _ = mount.node().nodeUnpublishVolume(Requests.unpublish(volume, target));
      var _ = provision.controller().deleteVolume(Requests.delete(volume));
      failForAClaim(provision);
    } finally {
      node.stop(STOP);
      controller.stop(STOP);
    }
    System.out.println("a volume was created, published, expanded, unpublished and deleted");
  }

  /** The controller tells it as an event on the claim. */
  private static void failForAClaim(CsiClient provision) {
    try {
      var _ =
          provision
              .controller()
              .createVolume(
                  Requests.create("w", 1 << 30, MODE).toBuilder()
                      .putParameters("csi.storage.k8s.io/pvc/name", "claim")
                      .putParameters("csi.storage.k8s.io/pvc/namespace", "rehearsal")
                      .putParameters("compression", "best")
                      .build());
      throw new IllegalStateException("a wrong parameter was accepted");
    } catch (StatusRuntimeException e) {
      System.out.println("refused: " + e.getStatus().getDescription());
    }
  }

  private RunningProgram start(String program, List<String> flags) {
    var command = new ArrayList<String>();
    command.addAll(List.of(images.resolve("enter.sh").toString(), roots.resolve("root-" + program).toString()));
    command.addAll(List.of(USERS.get(program), folder(program).toString()));
    command.addAll(List.of("/jre/bin/java", "@/app/jvm.options"));
    command.addAll(flags);
    command.addAll(List.of("-jar", "/app/juicebox-" + program + ".jar"));
    var running = RunningProgram.start(program, home, command, settings(program));
    running.awaitReady(START, () -> CsiClient.probe(socket(program)));
    return running;
  }

  private Map<String, String> settings(String program) {
    var settings = new TreeMap<String, String>();
    settings.put("CSI_ENDPOINT", "unix://" + socket(program));
    settings.put("OPS_ADDRESS", "127.0.0.1:" + FreePort.find());
    if (program.equals("controller")) {
      settings.put("BACKENDS_DIR", folder(program).resolve("backends").toString());
      settings.put("KUBERNETES", "true");
      settings.put("KUBERNETES_MASTER", "http://127.0.0.1:" + kubernetes.getAddress().getPort());
    } else {
      settings.put("NODE_ID", "rehearsal");
      settings.put("STATE_DIR", folder(program).resolve("state").toString());
      settings.put("KUBELET_REGISTRATION_DIR", folder(program).resolve("plugins_registry").toString());
    }
    return settings;
  }

  private Map<String, String> keys() {
    return Map.of(
        "redis-address", redis.address(),
        "redis-password", redis.password(),
        "object-endpoint", minio.endpoint(),
        "object-access-key", minio.accessKey(),
        "object-secret-key", minio.secretKey());
  }

  private void writeKeys() throws IOException {
    var directory = Files.createDirectories(folder("controller").resolve("backends/default"));
    var all = new TreeMap<>(keys());
    all.put("bucket", "juicebox");
    for (var key : all.entrySet()) {
      Files.writeString(directory.resolve(key.getKey()), key.getValue());
    }
  }

  private Path folder(String program) {
    return home.resolve("of-" + program);
  }

  private Path socket(String program) {
    return folder(program).resolve("csi.sock");
  }

  private static void own(String program, Path folder) throws IOException {
    var id = Integer.valueOf(USERS.get(program));
    Files.setAttribute(folder, "unix:uid", id);
    Files.setAttribute(folder, "unix:gid", id);
  }

  private static void allow(Path folder, String rights) throws IOException {
    Files.setPosixFilePermissions(folder, java.nio.file.attribute.PosixFilePermissions.fromString(rights));
  }
}
