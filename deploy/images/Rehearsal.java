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
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Executors;

/**
 * Runs all three programs in the roots of their images against real servers: one volume from its
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

  private static final String CONTROLLER = "controller";
  private static final String NODE = "node";

  /** The mount service: the node image's other program. */
  private static final String MOUNTS = "mounts";

  private static final List<String> PROGRAMS = List.of(CONTROLLER, MOUNTS, NODE);

  /** In a container of each image its own user, and no other. */
  private static final Map<String, String> USERS = Map.of(CONTROLLER, "65532", NODE, "0");

  private final Path images;
  private final Path roots;
  private final Path home;
  private final TestingRedis redis;
  private final TestingMinio minio;
  private final HttpServer kubernetes;
  private int runs;

  private Rehearsal(Path images, Path roots, Path home) throws IOException {
    this.images = images;
    this.roots = roots;
    this.home = home;
    this.redis = TestingRedis.startIn(Files.createDirectory(home.resolve("redis")), 64);
    this.minio = TestingMinio.startIn(Files.createDirectory(home.resolve("minio")));
    for (var image : USERS.keySet()) {
      own(image, Files.createDirectory(folder(image)));
    }
    writeKeys();
    Files.createDirectory(folder(NODE).resolve("plugins_registry"));
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
    run(record -> List.of(CACHE, "-XX:AOTMode=on", "-Xlog:class+load:file=" + record));
    for (var program : PROGRAMS) {
      var loads = Files.readAllLines(record(program, 1));
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

  /**
   * Until it answers: the controller once Redis and the object store have answered it, the mount
   * service once it has taken up what is there.
   */
  private String medianStart(String program, String flag) throws IOException {
    var times = new ArrayList<Long>();
    var memory = new ArrayList<Long>();
    for (int i = 0; i < STARTS; i++) {
      var begin = System.nanoTime();
      var running = start(program, enter(program), List.of(CACHE, flag));
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

  /** Both programs of the node image share a cache, and so a list. */
  private void train() throws Exception {
    run(record -> List.of("-XX:DumpLoadedClassList=" + record));
    write(CONTROLLER, record(CONTROLLER, 1));
    write(NODE, record(NODE, 1), record(MOUNTS, 1), record(MOUNTS, 2));
  }

  private void write(String image, Path... records) throws IOException {
    var lines = new TreeSet<String>();
    for (var record : records) {
      // Without what names entries of the constant pool: those move with every change of a class.
      Files.readAllLines(record).stream()
          .filter(line -> !line.startsWith("#") && !line.startsWith("@cp"))
          .map(line -> line.replaceFirst(" id: [0-9]+$", ""))
          .forEach(lines::add);
    }
    var written = Files.write(home.resolve(image + ".classes"), lines);
    Files.move(written, images.resolve(image + ".classes"), StandardCopyOption.REPLACE_EXISTING);
    System.out.printf("%s: %d lines%n", image, lines.size());
  }

  private interface Flags {
    /** For a run that writes to the record. */
    List<String> of(Path record);
  }

  /** Where a run of a program, the first or the second, writes what it loads. */
  private Path record(String program, int run) {
    return folder(image(program)).resolve(program + "-" + run + ".loads");
  }

  /**
   * One volume, by all programs. The mount service is started a second time beside the volume's
   * juicefs, as whoever waits for the next one wants it to start soon.
   */
  private void run(Flags flags) {
    var controller = start(CONTROLLER, enter(CONTROLLER), flags.of(record(CONTROLLER, 1)));
    var mounts = start(MOUNTS, enter(MOUNTS), flags.of(record(MOUNTS, 1)));
    var node = start(NODE, join(mounts), flags.of(record(NODE, 1)));
    try (var provision = CsiClient.of(socket(CONTROLLER));
        var mount = CsiClient.of(socket(NODE))) {
      var volume = provision.controller().createVolume(Requests.create("v", 1 << 30, MODE)).getVolume();
      var target = folder(NODE).resolve("target");
      var _ = mount.node().nodePublishVolume(Requests.publish(volume, target, MODE, keys()));
      mounts.stop(STOP);
      mounts = start(MOUNTS, join(node), flags.of(record(MOUNTS, 2)));
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
      mounts.stop(STOP);
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

  /** Into the root of its image. */
  private List<String> enter(String program) {
    var image = image(program);
    return List.of(
        images.resolve("enter.sh").toString(),
        roots.resolve("root-" + image).toString(),
        USERS.get(image),
        folder(image).toString());
  }

  /** Where another program of the same image is: the two see the mounts of each other. */
  private List<String> join(RunningProgram other) {
    return List.of(images.resolve("join.sh").toString(), Long.toString(other.pid()));
  }

  private RunningProgram start(String program, List<String> where, List<String> flags) {
    var command = new ArrayList<String>(where);
    command.addAll(List.of("/jre/bin/java", "@/app/jvm.options"));
    command.addAll(flags);
    if (program.equals(MOUNTS)) {
      command.addAll(List.of("-cp", "/app/juicebox-node.jar", "io.juicebox.node.service.Main"));
    } else {
      command.addAll(List.of("-jar", "/app/juicebox-" + program + ".jar"));
    }
    var name = program + "-" + ++runs;
    var running = RunningProgram.start(name, home, command, settings(program));
    running.awaitReady(START, () -> answers(program));
    return running;
  }

  private boolean answers(String program) {
    if (!program.equals(MOUNTS)) {
      return CsiClient.probe(socket(program));
    }
    try (var _ = SocketChannel.open(UnixDomainSocketAddress.of(sockets().resolve("mount.sock")))) {
      return true;
    } catch (IOException e) {
      return false; // nobody listens yet
    }
  }

  private Path sockets() {
    return folder(NODE).resolve("service");
  }

  private Map<String, String> settings(String program) {
    var settings = new TreeMap<String, String>();
    settings.put("OPS_ADDRESS", "127.0.0.1:" + FreePort.find());
    if (program.equals(CONTROLLER)) {
      settings.put("BACKENDS_DIR", folder(program).resolve("backends").toString());
      settings.put("KUBERNETES", "true");
      settings.put("KUBERNETES_MASTER", "http://127.0.0.1:" + kubernetes.getAddress().getPort());
    } else {
      settings.put("NODE_ID", "rehearsal");
      settings.put("STATE_DIR", folder(NODE).resolve("state").toString());
      settings.put("MOUNT_SERVICE_DIR", sockets().toString());
    }
    switch (program) {
      case MOUNTS -> settings.put("RUN_DIR", folder(NODE).resolve("run").toString());
      case NODE ->
          settings.put("KUBELET_REGISTRATION_DIR", folder(NODE).resolve("plugins_registry").toString());
      default -> {}
    }
    if (!program.equals(MOUNTS)) {
      settings.put("CSI_ENDPOINT", "unix://" + socket(program));
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
    var directory = Files.createDirectories(folder(CONTROLLER).resolve("backends/default"));
    var all = new TreeMap<>(keys());
    all.put("bucket", "juicebox");
    for (var key : all.entrySet()) {
      Files.writeString(directory.resolve(key.getKey()), key.getValue());
    }
  }

  private static String image(String program) {
    return program.equals(MOUNTS) ? NODE : program;
  }

  private Path folder(String image) {
    return home.resolve("of-" + image);
  }

  private Path socket(String program) {
    return folder(program).resolve("csi.sock");
  }

  private static void own(String image, Path folder) throws IOException {
    var id = Integer.valueOf(USERS.get(image));
    Files.setAttribute(folder, "unix:uid", id);
    Files.setAttribute(folder, "unix:gid", id);
  }

  private static void allow(Path folder, String rights) throws IOException {
    Files.setPosixFilePermissions(folder, java.nio.file.attribute.PosixFilePermissions.fromString(rights));
  }
}
