package io.juicebox.node.mount;

import static org.assertj.core.api.Assertions.assertThat;

import io.juicebox.csi.volume.BackendConnection;
import io.juicebox.csi.volume.CacheClass;
import io.juicebox.csi.volume.Lineage;
import io.juicebox.csi.volume.MountOptions;
import io.juicebox.csi.volume.MountParameters;
import io.juicebox.csi.volume.Number;
import io.juicebox.csi.volume.Secret;
import io.juicebox.csi.volume.VolumeContext;
import io.juicebox.csi.volume.VolumeId;
import io.juicebox.node.kernel.Deadline;
import io.juicebox.test.server.TestingAuthority;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class CommandLineTest {
  private static final MountParameters PLAIN =
      parameters(1L << 30, OptionalLong.empty(), OptionalLong.empty());
  private static final Map<String, String> KEYS =
      Map.of(
          "redis-address", "redis://redis.example:6379",
          "redis-user", "volume-user",
          "redis-password", "Redis-Secret",
          "object-endpoint", "http://minio.example:9000",
          "object-access-key", "Access-Secret",
          "object-secret-key", "Object-Secret");

  @Test
  void theWholeOfIt() {
    CommandLine command = command(KEYS, CacheClass.SINGLE, PLAIN);

    assertThat(command.arguments())
        .containsExactly(
            ("juicefs --no-agent mount --backup-meta 0 --no-usage-report --no-syslog --metrics"
                    + " 127.0.0.1:0 --prefix-internal --hide-internal --max-deletes 0 --enable-xattr"
                    + " --storage minio --bucket http://minio.example:9000/blocks --buffer-size 64"
                    + " --cache-dir /cache/v --cache-size 1024 --io-retries 22 --max-uploads 8"
                    + " --max-downloads 16 -o nodev,nosuid redis://volume-user@redis.example:6379/7"
                    + "?max-retry-backoff=3s&read-timeout=60s /state/v/mount")
                .split(" ", -1));
    assertThat(command.environment())
        .containsOnly(
            Map.entry("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"),
            Map.entry("JFS_SUPERVISOR", "1"),
            Map.entry("GOMAXPROCS", "1"),
            Map.entry("GOMEMLIMIT", Long.toString(128L << 20)),
            Map.entry("AWS_EC2_METADATA_DISABLED", "true"),
            Map.entry("MINIO_REGION", "us-east-1"),
            Map.entry("MINIO_ACCESS_KEY", "Access-Secret"),
            Map.entry("MINIO_SECRET_KEY", "Object-Secret"),
            Map.entry("META_PASSWORD", "Redis-Secret"),
            Map.entry("_FUSE_FD_COMM", "/state/v/fd"),
            Map.entry("_FUSE_STATE_PATH", "/state/v/state.json"));
  }

  @Test
  void aGracefulSuccessorGoesOnWithTheSession() {
    CommandLine command = command(KEYS, CacheClass.SINGLE, PLAIN, new Succession.Graceful(42));
    assertThat(command.environment()).containsEntry("_JFS_META_SID", "42");
    CommandLine other = command(KEYS, CacheClass.SINGLE, PLAIN, new Succession.AfterCrash());
    assertThat(other.environment()).doesNotContainKey("_JFS_META_SID");
  }

  @ParameterizedTest
  @EnumSource(CacheClass.class)
  void noSecretIsAnArgumentOrPrinted(CacheClass cacheClass) {
    CommandLine command = command(KEYS, cacheClass, PLAIN, "max-uploads=3");

    assertThat(String.join("\0", command.arguments())).doesNotContain("Secret");
    assertThat(command.toString()).doesNotContain("Secret");
  }

  @ParameterizedTest(name = "{0}: attributes {1}, names {2}")
  @CsvSource({"SHARED, , 0", "SINGLE, , ", "EXCLUSIVE, 300, 300"})
  void theCacheClassDecidesWhatTheKernelMayTrust(
      CacheClass cacheClass, String attributes, String names) {
    CommandLine command = command(KEYS, cacheClass, PLAIN);

    assertThat(option(command, "--attr-cache")).isEqualTo(Optional.ofNullable(attributes));
    assertThat(option(command, "--entry-cache")).isEqualTo(Optional.ofNullable(names));
    assertThat(option(command, "--dir-entry-cache")).isEqualTo(Optional.ofNullable(names));
  }

  @Test
  void mountOptionsReplaceOurs() {
    CommandLine command =
        command(KEYS, CacheClass.SHARED, PLAIN, "max-uploads=3,entry-cache=2", "readdir-cache");

    assertThat(option(command, "--max-uploads")).contains("3");
    assertThat(option(command, "--entry-cache")).contains("2");
    assertThat(command.arguments()).containsOnlyOnce("--max-uploads", "--readdir-cache");
  }

  @Test
  void sizesAreRoundedUpToMebibytes() {
    var odd = parameters((100L << 20) + 1, OptionalLong.empty(), OptionalLong.empty());

    assertThat(option(command(KEYS, CacheClass.SINGLE, odd), "--cache-size")).contains("101");
  }

  @Test
  void limitsArePassedOn() {
    var limited = parameters(0, OptionalLong.of(100L << 20), OptionalLong.of(80));
    CommandLine command = command(KEYS, CacheClass.SINGLE, limited);

    assertThat(option(command, "--upload-limit")).contains("80");
    assertThat(option(command, "--download-limit")).isEmpty();
    assertThat(option(command, "--cache-size")).contains("0");
    assertThat(command.environment()).containsEntry("GOMEMLIMIT", Long.toString((80L << 20)));
  }

  @Test
  void aServerWithoutUserAndPasswordGetsNone() {
    var keys = new HashMap<>(KEYS);
    keys.remove("redis-user");
    keys.put("redis-password", "");
    keys.put("object-region", "eu-central-1");
    CommandLine command = command(keys, CacheClass.SINGLE, PLAIN);

    assertThat(command.arguments())
        .contains("redis://redis.example:6379/7?max-retry-backoff=3s&read-timeout=60s");
    assertThat(command.environment())
        .doesNotContainKey("META_PASSWORD")
        .containsEntry("MINIO_REGION", "eu-central-1");
  }

  @Test
  void certificatesAreNamedByTheirFiles() {
    try (var authority = TestingAuthority.create()) {
      var keys = encrypted(authority);
      CommandLine command = command(keys, CacheClass.SINGLE, PLAIN);
      assertThat(command.arguments())
          .contains(
              "rediss://volume-user@redis.example:6379/7?max-retry-backoff=3s&read-timeout=60s"
                  + "&tls-ca-cert-file=%2Frun%2Fa+b%2Fv%2Fredis-ca.pem"
                  + "&tls-cert-file=%2Frun%2Fa+b%2Fv%2Fredis-certificate.pem"
                  + "&tls-key-file=%2Frun%2Fa+b%2Fv%2Fredis-key.pem");
      assertThat(command.environment()).containsEntry("SSL_CERT_FILE", "/run/a b/v/object-ca.pem");
      String key = keyText(authority).lines().skip(1).findFirst().orElseThrow();
      assertThat(CommandLine.secrets(BackendConnection.from("secrets", keys)))
          .contains(new Secret("Redis-Secret"), new Secret(key));
      keys.keySet().removeAll(Set.of("redis-ca", "redis-certificate", "redis-key", "object-ca"));
      CommandLine plain = command(keys, CacheClass.SINGLE, PLAIN);
      assertThat(plain.toString()).doesNotContain("tls-");
      assertThat(plain.environment()).doesNotContainKey("SSL_CERT_FILE");
    }
  }

  private static String keyText(TestingAuthority authority) {
    return authority.identity("client", "dns:client").keyText();
  }

  private static Map<String, String> encrypted(TestingAuthority authority) {
    var client = authority.identity("client", "dns:client");
    var keys = new HashMap<>(KEYS);
    keys.put("redis-address", "rediss://redis.example:6379");
    keys.put("redis-ca", authority.certificateText());
    keys.put("redis-certificate", client.certificateText());
    keys.put("redis-key", client.keyText());
    keys.put("object-endpoint", "https://minio.example:9000");
    keys.put("object-ca", authority.certificateText());
    return keys;
  }

  private static Optional<String> option(CommandLine command, String name) {
    int at = command.arguments().indexOf(name);
    return at < 0 ? Optional.empty() : Optional.of(command.arguments().get(at + 1));
  }

  private static CommandLine command(
      Map<String, String> keys, CacheClass cacheClass, MountParameters mount, String... flags) {
    return command(keys, cacheClass, mount, new Succession.First(), flags);
  }

  private static CommandLine command(
      Map<String, String> keys,
      CacheClass cacheClass,
      MountParameters mount,
      Succession succession,
      String... flags) {
    var context =
        new VolumeContext(
            new Number(7),
            new Lineage("default-abcdefghij0123456789"),
            UUID.fromString("11111111-2222-3333-4444-555555555555"),
            "blocks",
            cacheClass,
            mount);
    var request =
        new MountRequest(
            new VolumeId("default-abcdefghij0123456789"),
            context,
            BackendConnection.from("secrets", keys),
            MountOptions.from(List.of(flags), false),
            Deadline.after(Duration.ofSeconds(1)));
    return CommandLine.of(
        "juicefs",
        request,
        Path.of("/cache/v"),
        new VolumeFiles(Path.of("/state/v")),
        new TlsFiles(Path.of("/run/a b/v")),
        succession);
  }

  private static MountParameters parameters(
      long cacheSize, OptionalLong memoryLimit, OptionalLong uploadLimit) {
    return new MountParameters(
        cacheSize,
        Optional.empty(),
        64L << 20,
        memoryLimit,
        uploadLimit,
        OptionalLong.empty(),
        false);
  }
}
