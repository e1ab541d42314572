package io.juicebox.node.mount;

import io.juicebox.csi.volume.BackendConnection;
import io.juicebox.csi.volume.CacheClass;
import io.juicebox.csi.volume.ClientCertificate;
import io.juicebox.csi.volume.MountParameters;
import io.juicebox.csi.volume.RedisTls;
import io.juicebox.csi.volume.Secret;
import io.juicebox.csi.volume.VolumeContext;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How a volume's juicefs process is called.
 *
 * @param arguments the program and its arguments, which every user of the node may read: no secret
 * @param environment all of the process's environment; the only place of the keys
 */
record CommandLine(List<String> arguments, Map<String, String> environment) {
  private static final long MIB = 1 << 20;

  /**
   * Processors that a process uses at once. With two, those that wake look for work in each other's
   * queues: an idle mount takes a fifth more of a core, and starts later by a tenth. With one,
   * several programs that read from the cache at once read at four fifths of the pace.
   */
  private static final String PROCESSORS = "1";

  /** Go's heap on top of the buffers before the collector works harder: idle it needs 15 MiB. */
  private static final long HEAP_BESIDE_BUFFERS = 64 * MIB;

  /**
   * How JuiceFS goes on when Redis is away. It tries a refused connection as often as a failed
   * upload, with pauses that grow to the longest one: for some 50 s, and goes on at most 3 s after
   * Redis does. An answer may take as long. Then the program gets EIO, and so do all that have the
   * file open until the last has closed it: better too long than too short. With more retries an
   * fsync would wait longer than five minutes for an object store (pkg/vfs/writer.go).
   */
  private static final String PATIENCE = "max-retry-backoff=3s&read-timeout=60s";

  private static final String RETRIES = "22";

  /** Seconds that a kernel may trust names and attributes which no other node can change. */
  private static final String LONG = "300";

  /**
   * @param tls the files with the request's certificates
   * @param succession what the process takes over
   */
  static CommandLine of(
      String juicefs,
      MountRequest request,
      Path cache,
      VolumeFiles files,
      TlsFiles tls,
      Succession succession) {
    VolumeContext context = request.context();
    var arguments = new ArrayList<>(List.of(juicefs, "--no-agent", "mount"));
    options(request, cache)
        .forEach((name, value) -> {
          arguments.add("--" + name);
          if (!value.isEmpty()) {
            arguments.add(value);
          }
        });
    arguments.addAll(List.of("-o", "nodev,nosuid"));
    arguments.add(metadataUrl(request.backend(), context, tls));
    arguments.add(files.mountPoint().toString());
    var environment = environment(request.backend(), context.mount());
    // Go reads the authorities from there, and those in /etc/ssl/certs beside them (crypto/x509).
    request
        .backend()
        .objectAuthorities()
        .ifPresent(_ -> environment.put("SSL_CERT_FILE", tls.objectAuthorities().toString()));
    environment.put("_FUSE_FD_COMM", files.descriptorSocket().toString());
    // Without it, it would read what another process left at a place of its own choice.
    environment.put("_FUSE_STATE_PATH", files.state().toString());
    if (succession instanceof Succession.Graceful(long session)) {
      environment.put("_JFS_META_SID", Long.toString(session));
    }
    return new CommandLine(List.copyOf(arguments), environment);
  }

  /** The secrets that must not appear in what the process says. */
  static List<Secret> secrets(BackendConnection backend) {
    var secrets =
        new ArrayList<>(
            List.of(backend.redisPassword(), backend.objectAccessKey(), backend.objectSecretKey()));
    backend.redisTls().client().map(ClientCertificate::keyLines).ifPresent(secrets::addAll);
    return List.copyOf(secrets);
  }

  private static Map<String, String> options(MountRequest request, Path cache) {
    MountParameters mount = request.context().mount();
    var options = new LinkedHashMap<String, String>();
    options.put("backup-meta", "0"); // else it dumps all metadata hourly, in memory
    options.put("no-usage-report", "");
    options.put("no-syslog", "");
    options.put("metrics", "127.0.0.1:0"); // a fixed port collides with the next volume's
    options.put("prefix-internal", "");
    options.put("hide-internal", "");
    options.put("max-deletes", "0"); // a mount never deletes blocks: decision 4
    options.put("enable-xattr", "");
    // The addresses of the call, not those of the format: a backend may have moved since.
    options.put("storage", "minio");
    options.put("bucket", request.backend().objectEndpoint() + "/" + request.context().bucket());
    options.put("buffer-size", mebibytes(mount.bufferSize()));
    options.put("cache-dir", cache.toString());
    options.put("cache-size", mebibytes(mount.cacheSize()));
    options.put("io-retries", RETRIES);
    options.put("max-uploads", "8");
    options.put("max-downloads", "16");
    mount.uploadLimit().ifPresent(limit -> options.put("upload-limit", Long.toString(limit)));
    mount.downloadLimit().ifPresent(limit -> options.put("download-limit", Long.toString(limit)));
    options.putAll(kernelCache(request.context().cacheClass()));
    options.putAll(request.options().juicefs()); // what the operator says, last
    return options;
  }

  private static Map<String, String> kernelCache(CacheClass cacheClass) {
    return switch (cacheClass) {
      case SHARED -> Map.of("entry-cache", "0", "dir-entry-cache", "0");
      case SINGLE -> Map.of();
      case EXCLUSIVE -> Map.of("attr-cache", LONG, "entry-cache", LONG, "dir-entry-cache", LONG);
    };
  }

  private static String metadataUrl(
      BackendConnection backend, VolumeContext context, TlsFiles tls) {
    return "%s://%s%s/%s?%s%s"
        .formatted(
            backend.redis().getScheme(),
            backend.redisUser().map(user -> user + "@").orElse(""),
            backend.redis().getAuthority(),
            context.number(),
            PATIENCE,
            tlsParameters(backend.redisTls(), tls));
  }

  /** JuiceFS pkg/meta/redis.go, newRedisMeta. */
  private static String tlsParameters(RedisTls redis, TlsFiles files) {
    String authorities =
        redis
            .authorities()
            .map(_ -> parameter("tls-ca-cert-file", files.redisAuthorities()))
            .orElse("");
    String client =
        redis
            .client()
            .map(_ ->
                parameter("tls-cert-file", files.redisCertificate())
                    + parameter("tls-key-file", files.redisKey()))
            .orElse("");
    return authorities + client;
  }

  private static String parameter(String name, Path file) {
    return "&" + name + "=" + URLEncoder.encode(file.toString(), StandardCharsets.UTF_8);
  }

  private static Map<String, String> environment(BackendConnection backend, MountParameters mount) {
    var environment = new LinkedHashMap<String, String>();
    environment.put("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    environment.put("JFS_SUPERVISOR", "1"); // one process, in the foreground
    environment.put("GOMAXPROCS", PROCESSORS);
    environment.put("GOMEMLIMIT", Long.toString(heapLimit(mount)));
    environment.put("AWS_EC2_METADATA_DISABLED", "true");
    environment.put("MINIO_REGION", backend.objectRegion());
    environment.put("MINIO_ACCESS_KEY", backend.objectAccessKey().reveal());
    environment.put("MINIO_SECRET_KEY", backend.objectSecretKey().reveal());
    if (!backend.redisPassword().isEmpty()) {
      environment.put("META_PASSWORD", backend.redisPassword().reveal());
    }
    return environment;
  }

  private static long heapLimit(MountParameters mount) {
    long wanted = mount.bufferSize() + HEAP_BESIDE_BUFFERS;
    // A fifth of a limit on the whole process stays for the program text and the stacks.
    return mount.memoryLimit().isPresent()
        ? Math.min(wanted, mount.memoryLimit().getAsLong() / 5 * 4)
        : wanted;
  }

  private static String mebibytes(long bytes) {
    return Long.toString((bytes + MIB - 1) / MIB);
  }

  @Override
  public String toString() {
    return String.join(" ", arguments); // never the environment
  }
}
