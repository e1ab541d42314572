package io.juicebox.controller;

import io.juicebox.controller.collector.CollectorSettings;
import io.juicebox.csi.server.Endpoint;
import io.juicebox.csi.settings.SettingsReader;
import io.juicebox.csi.status.DriverException.InvalidRequest;
import io.juicebox.csi.status.Printable;
import io.juicebox.csi.volume.BackendConnection;
import io.juicebox.csi.volume.BackendName;
import io.juicebox.csi.volume.Capacity;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;

/**
 * What the controller is started with.
 *
 * @param backends in the order of the setting; the first is the default
 * @param ops where metrics and health are served
 * @param juicefs the program's path, or its name to be looked up on PATH
 * @param pool what the capacities of a backend's volumes may come to; no bound when empty
 * @param maxRedisMemory the share of a Redis's memory beyond which no volume is added
 * @param databases how many a Redis has, where it does not tell
 * @param numberRest how long the number of a deleted volume is left alone
 * @param intentTimeout how long an unfinished volume waits for its CO
 * @param backendTimeout of each call to a backend
 * @param volumeMetrics how many volumes may have metrics of their own
 * @param collector how eagerly space is given back
 * @param copies how metadata is copied
 * @param kubernetes whether there is an API server to talk to
 */
record ControllerSettings(
    Endpoint endpoint,
    Map<BackendName, BackendConnection> backends,
    InetSocketAddress ops,
    Path juicefs,
    Capacity defaultCapacity,
    Optional<Capacity> pool,
    double maxRedisMemory,
    OptionalInt databases,
    Duration numberRest,
    Duration intentTimeout,
    Duration sweepInterval,
    Duration backendTimeout,
    int volumeMetrics,
    CollectorSettings collector,
    CopySettings copies,
    boolean kubernetes,
    CredentialSettings credentials) {
  private static final Endpoint NOWHERE = new Endpoint(Path.of("/missing"));
  private static final Capacity DEFAULT_CAPACITY = new Capacity(10L << 30);
  private static final Path SERVICE_ACCOUNT =
      Path.of("/var/run/secrets/kubernetes.io/serviceaccount/token");
  private static final int MOST_VOLUME_METRICS = 100_000;
  private static final int MOST_DATABASES = 100_000_000;

  /**
   * Reads the environment and the files of the backends.
   *
   * @throws io.juicebox.csi.settings.InvalidSettings with all mistakes
   */
  static ControllerSettings from(Map<String, String> environment) {
    var reader = new SettingsReader(environment);
    reader.required("CSI_ENDPOINT", "");
    boolean kubernetes = kubernetes(reader);
    var settings =
        new ControllerSettings(
            reader.parsed("CSI_ENDPOINT", Endpoint::parse).orElse(NOWHERE),
            backends(reader),
            reader.address(
                "OPS_ADDRESS", new InetSocketAddress(InetAddress.getLoopbackAddress(), 9808)),
            reader.parsed("JUICEFS", Path::of).orElse(Path.of("juicefs")),
            capacity(reader, "DEFAULT_CAPACITY").orElse(DEFAULT_CAPACITY),
            capacity(reader, "POOL_SIZE"),
            reader.share("MAX_REDIS_MEMORY", 0.9),
            databases(reader),
            reader.duration("NUMBER_REST", Duration.ofMinutes(10)),
            reader.duration("INTENT_TIMEOUT", Duration.ofMinutes(15)),
            reader.duration("SWEEP_INTERVAL", Duration.ofMinutes(1)),
            reader.duration("BACKEND_TIMEOUT", Duration.ofSeconds(8)),
            reader.number("VOLUME_METRICS", 0, MOST_VOLUME_METRICS).orElse(1_000),
            CollectorSettings.from(reader),
            CopySettings.from(reader),
            kubernetes,
            CredentialSettings.from(reader, kubernetes));
    reader.check();
    return settings;
  }

  /** {@code auto}: we are in a pod that has a service account. */
  private static boolean kubernetes(SettingsReader reader) {
    return switch (reader.text("KUBERNETES").orElse("auto")) {
      case "true" -> true;
      case "false" -> false;
      case "auto" ->
          reader.text("KUBERNETES_SERVICE_HOST").isPresent() && Files.exists(SERVICE_ACCOUNT);
      case String other -> {
        reader.problem("KUBERNETES", "is " + Printable.of(other) + ", not auto, true or false");
        yield false;
      }
    };
  }

  private static OptionalInt databases(SettingsReader reader) {
    return reader
        .number("DATABASES", 3, MOST_DATABASES)
        .map(OptionalInt::of)
        .orElse(OptionalInt.empty());
  }

  private static Optional<Capacity> capacity(SettingsReader reader, String name) {
    return reader
        .bytes(name)
        .flatMap(bytes -> {
          long whole = bytes - bytes % Capacity.UNIT;
          if (whole < Capacity.SMALLEST.bytes() || whole > Capacity.LARGEST.bytes()) {
            reader.problem(
                name, "is not between %s and %s".formatted(Capacity.SMALLEST, Capacity.LARGEST));
            return Optional.empty();
          }
          return Optional.of(new Capacity(whole));
        });
  }

  private static Map<BackendName, BackendConnection> backends(SettingsReader reader) {
    var backends = new LinkedHashMap<BackendName, BackendConnection>();
    String names = reader.text("BACKENDS").orElse("default");
    reader.required("BACKENDS_DIR", "");
    Optional<Path> directory = reader.parsed("BACKENDS_DIR", Path::of);
    if (directory.isEmpty()) {
      return backends;
    }
    for (String text : names.split(",", -1)) {
      Optional<BackendName> name = checked(reader, "BACKENDS", text.strip(), BackendName::new);
      Optional<BackendConnection> connection =
          name.flatMap(known ->
              checked(
                  reader,
                  "BACKENDS_DIR",
                  known.value(),
                  key -> BackendFiles.read(directory.get(), key)));
      connection.ifPresent(keys -> add(reader, backends, name.orElseThrow(), keys));
    }
    return backends;
  }

  /**
   * Each backend keeps its records in its own Redis: two in one would take each other's volumes.
   */
  private static void add(
      SettingsReader reader,
      Map<BackendName, BackendConnection> backends,
      BackendName name,
      BackendConnection connection) {
    for (var other : backends.entrySet()) {
      if (other.getKey().equals(name)) {
        reader.problem("BACKENDS", "names %s twice".formatted(name));
        return;
      }
      if (other.getValue().redis().equals(connection.redis())) {
        reader.problem("BACKENDS", "%s and %s have the same Redis".formatted(other.getKey(), name));
        return;
      }
    }
    backends.put(name, connection);
  }

  private static <T> Optional<T> checked(
      SettingsReader reader, String setting, String text, Function<String, T> parse) {
    try {
      return Optional.of(parse.apply(text));
    } catch (IllegalArgumentException | InvalidRequest e) {
      reader.problem(setting, "has a mistake: " + e.getMessage());
      return Optional.empty();
    }
  }
}
