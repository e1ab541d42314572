package io.juicebox.test.isolation;

import static org.assertj.core.api.Assertions.assertThat;

import io.juicebox.csi.spec.NodePublishVolumeRequest;
import io.juicebox.csi.spec.Volume;
import io.juicebox.csi.spec.VolumeCapability.AccessMode.Mode;
import io.juicebox.mountservice.v1.ListRequest;
import io.juicebox.mountservice.v1.RestartRequest;
import io.juicebox.test.client.MountServiceClient;
import io.juicebox.test.client.Requests;
import io.juicebox.test.server.RandomText;
import io.juicebox.test.server.Signals;
import io.juicebox.test.server.Waiting;
import io.juicebox.test.stack.LocalStack;
import io.juicebox.test.table.Outcome;
import io.minio.admin.UserInfo;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Where passwords and keys are after a run in which much went wrong: with those that need them, and
 * nowhere else. Three volumes are published then, one with the keys of a secret that its users
 * wrote.
 */
@Tag("isolation")
@DisplayName("isolation: planted secrets")
final class PlantedSecretsTest {
  private static final Mode MODE = Mode.SINGLE_NODE_MULTI_WRITER;
  private static final Duration BACK = Duration.ofSeconds(60);
  private static final Duration POLL = Duration.ofMillis(100);

  /** Volumes that are mounted at the end. */
  private static final int PUBLISHED = 3;

  /** Characters that are written differently in JSON, in URLs and in shells. */
  private static final String AWKWARD = "\"\\/+ =%'$&";

  private static final String SHARED = RandomText.of(20) + AWKWARD;

  private static final List<Marker> MARKERS = new ArrayList<>();
  private static final List<String> MESSAGES = new ArrayList<>();
  private static LocalStack stack;
  private static SecretSearch search;

  @BeforeAll
  static void run() throws Exception {
    stack = LocalStack.builder().mountService().start();
    search = new SecretSearch(stack);
    mark("the password of Redis", stack.backend().redis().password());
    mark("MinIO's key", stack.backend().minio().secretKey());

    var own = OwnVolume.create(stack, "own");
    var other = OwnVolume.create(stack, "other");
    var gone = OwnVolume.create(stack, "gone");
    for (var volume : List.of(own, other, gone)) {
      volume.publish();
      markKeysOf(volume.volume());
    }
    var shared = shared();
    var everywhere = List.of(own.target(), other.target(), gone.target(), stack.target("shared"));

    write(everywhere);
    killAllJuicefs();
    write(everywhere);
    refusedCalls(own.volume(), shared);
    backendsAway(own.volume());
    restarts();
    write(everywhere);
    gone.unpublish();
    gone.delete();
  }

  @AfterAll
  static void stop() {
    stack.close();
  }

  private static String mark(String what, String secret) {
    MARKERS.add(Marker.of(what, secret));
    return secret;
  }

  private static void markKeysOf(Volume volume) {
    Map<String, String> keys = stack.keys(volume.getVolumeId());
    for (String key : List.of("redis-password", "object-secret-key")) {
      mark(key + " of " + volume.getVolumeId(), String.valueOf(keys.get(key)));
    }
  }

  /** A volume with keys that somebody has made and written into a Secret. */
  private static Volume shared() throws Exception {
    var create =
        Requests.create("shared", 1L << 30, MODE).toBuilder()
            .putParameters("credentials", "shared")
            .build();
    var volume = stack.controller().client().controller().createVolume(create).getVolume();
    var keys = new TreeMap<>(stack.backend().secrets());
    keys.put("redis-user", "shared");
    keys.put("redis-password", mark("a shared password", SHARED));
    keys.put("object-access-key", "shared");
    keys.put("object-secret-key", mark("a shared key", RandomText.of(20) + AWKWARD));
    putSharedUser();
    var admin = stack.backend().accounts();
    admin.addUser(
        "shared", UserInfo.Status.ENABLED, keys.get("object-secret-key"), null, List.of());
    admin.setPolicy("shared", false, "readwrite");
    var publish = Requests.publish(volume, stack.target("shared"), MODE, keys);
    var _ = stack.node().client().node().nodePublishVolume(publish);
    return volume;
  }

  private static void putSharedUser() {
    var redis = stack.backend().redis();
    redis.cli(0, "ACL", "SETUSER", "shared", "on", ">" + SHARED, "~*", "+@all");
  }

  private static void write(List<Path> targets) throws IOException {
    for (Path target : targets) {
      Files.writeString(target.resolve("file-" + System.nanoTime()), "content");
    }
  }

  private static void killAllJuicefs() {
    List<Long> before = juicefs();
    assertThat(before).hasSize(4);
    before.forEach(Signals::kill);
    assertThat(
            Waiting.until(
                () -> juicefs().stream().filter(pid -> !before.contains(pid)).count() == 4,
                BACK,
                POLL))
        .as("all served by others")
        .isTrue();
  }

  private static List<Long> juicefs() {
    try (var service = MountServiceClient.of(stack.mountService().socket())) {
      return service.calls().list(ListRequest.getDefaultInstance()).getEntriesList().stream()
          .map(entry -> entry.getMount().getPid())
          .toList();
    }
  }

  private static void refusedCalls(Volume own, Volume shared) {
    for (Volume volume : List.of(own, shared)) {
      for (String key : List.of("redis-password", "object-secret-key")) {
        refused(publishing(volume, key, marked("a wrong " + key)));
      }
      refused(publishing(volume, "redis-address", "redis://u:" + marked("in an address") + "@a:1"));
      refused(publishing(volume, "object-endpoint", "http://" + marked("for a host") + "@b:1"));
      refused(publishing(volume, "redis-user", marked("for a user") + " "));
      refused(publishing(volume, "object-access-key", marked("with a line end") + "\n"));
      refused(publishing(volume, "object-secret-key", marked("a NUL in a key") + "\0"));
      refused(publishing(volume, "redis-password", marked("a huge key").repeat(100)));
      refused(publishing(volume, "redis-ca", marked("for a certificate")));
      refused(publishing(volume, "no-such-key", marked("under no key")));
    }
    var create =
        Requests.create("with secrets", 1L << 20, MODE).toBuilder()
            .putSecrets("password", marked("of a creation"))
            .putParameters("blockSize", "3")
            .build();
    refused(() -> stack.controller().client().controller().createVolume(create));
  }

  private static String marked(String what) {
    return mark("a secret " + what, RandomText.of(24));
  }

  private static Supplier<Object> publishing(Volume volume, String key, String value) {
    NodePublishVolumeRequest request =
        Requests.publish(volume, stack.target("refused"), MODE, stack.backend().secrets())
            .toBuilder()
            .putSecrets(key, value)
            .build();
    return () -> stack.node().client().node().nodePublishVolume(request);
  }

  private static void refused(Supplier<Object> call) {
    var outcome = Outcome.of(call);
    assertThat(outcome.answer()).isEmpty();
    MESSAGES.add(outcome.toString());
  }

  private static void backendsAway(Volume own) {
    Supplier<Object> create =
        () ->
            stack
                .controller()
                .client()
                .controller()
                .createVolume(Requests.create("never", 1L << 30, MODE));
    Supplier<Object> publish =
        () ->
            stack
                .node()
                .client()
                .node()
                .nodePublishVolume(
                    Requests.publish(own, stack.target("own"), MODE, stack.secrets()));
    var redis = stack.backend().redis();
    redis.stop();
    refused(create);
    refused(publish);
    redis.restart(); // without its users
    putSharedUser(); // this one is not the controller's
    assertThat(Waiting.until(() -> Outcome.of(publish).answer().isPresent(), BACK, POLL))
        .as("published again")
        .isTrue();
    var minio = stack.backend().minio();
    minio.stop();
    refused(publish);
    minio.restartWithSecret(marked("of MinIO, which the controller does not know"));
    refused(create);
    minio.restart();
  }

  private static void restarts() {
    try (var service = MountServiceClient.of(stack.mountService().socket())) {
      var request =
          RestartRequest.newBuilder()
              .setAll(true)
              .setTimeout(com.google.protobuf.Duration.newBuilder().setSeconds(30))
              .build();
      service.calls().restart(request).forEachRemaining(it -> MESSAGES.add(it.toString()));
    }
    stack.node().kill();
    stack.node().restart();
    stack.mountService().restart();
    stack.controller().kill();
    stack.controller().restart();
  }

  /** Those of a node leave none; one of the controller would have nothing in it. */
  @Test
  void noProcessLeavesCoreDumps() throws IOException {
    var processes = search.processes();
    var controller = stack.controller().pid();
    processes.remove(controller);
    assertThat(Path.of("/proc/" + controller + "/coredump_filter")).hasContent("00000000");
    assertThat(processes).containsKeys(stack.node().pid(), stack.mountService().pid());
    assertThat(juicefs()).hasSize(PUBLISHED).isSubsetOf(processes.keySet());
    for (var process : processes.entrySet()) {
      assertThat(Files.readString(Path.of("/proc/" + process.getKey() + "/limits")))
          .as(process.toString())
          .containsPattern("Max core file size +0 +0 ");
    }
  }

  @Test
  void noMessageToAClientHasThem() {
    assertThat(MESSAGES).hasSizeGreaterThan(20);
    MESSAGES.forEach(message -> assertNone("a message", message));
  }

  @Test
  void noArgumentHasThem() throws IOException {
    var arguments = search.ofProcesses("cmdline");
    assertThat(arguments).isNotEmpty();
    arguments.forEach(PlantedSecretsTest::assertNone);
  }

  /** The processes that serve volumes have them there; nobody else. */
  @Test
  void onlyJuicefsHasThemInItsEnvironment() throws IOException {
    assertThat(holders(search.ofProcesses("environ")))
        .hasSize(PUBLISHED)
        .allMatch(place -> place.startsWith("juicefs "));
  }

  @Test
  void noLogHasThem() throws IOException {
    var logs = new TreeMap<>(search.files());
    logs.keySet().removeIf(file -> !file.contains(".log"));
    assertThat(logs.keySet())
        .contains("controller.log", "node.log", "node-mounts.log")
        .anyMatch(file -> file.startsWith("node/"));
    logs.forEach(PlantedSecretsTest::assertNone);
  }

  @Test
  void filesThatHaveThemAreTheirOwnersAlone() throws IOException {
    List<String> holders = holders(search.files());
    assertThat(holders)
        .anyMatch(file -> file.startsWith("backends/"))
        .anyMatch(file -> file.startsWith("credentials/"))
        .anyMatch(file -> file.startsWith("node/run/"))
        .allMatch(file -> file.matches("(backends|credentials|node/run)/.*"))
        .allSatisfy(
            file -> assertThat(permissions(stack.home().resolve(file))).isEqualTo("rw-------"));
  }

  private static String permissions(Path file) {
    try {
      return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void noPageHasThem() throws IOException {
    Map<String, String> pages = search.pages();
    assertThat(pages.get("controller/metrics")).contains("juicebox");
    pages.forEach(PlantedSecretsTest::assertNone);
  }

  @Test
  void neitherTheRegistryNorAnyMetadataHaveThem() {
    Map<String, String> numbers = search.numbers();
    assertThat(numbers).hasSizeGreaterThan(4);
    numbers.forEach(PlantedSecretsTest::assertNone);
  }

  private static void assertNone(String place, String text) {
    assertThat(MARKERS.stream().filter(marker -> marker.isIn(text))).as(place).isEmpty();
  }

  private static List<String> holders(Map<String, String> places) {
    return places.entrySet().stream()
        .filter(place -> MARKERS.stream().anyMatch(marker -> marker.isIn(place.getValue())))
        .map(Map.Entry::getKey)
        .toList();
  }
}
