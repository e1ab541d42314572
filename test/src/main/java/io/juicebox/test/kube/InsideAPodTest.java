package io.juicebox.test.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.Pod;
import io.juicebox.test.server.RandomText;
import io.juicebox.test.stack.Inventory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Hostile code in a pod that has a volume, and another tenant's volume on the same node: what the
 * code tries is in {@code test/kube/inside.py}. It is root with all that a container gets by
 * default, and once more what PodSecurity "restricted" leaves it.
 */
@Tag("kube")
@DisplayName("From inside a pod")
final class InsideAPodTest {
  private static final String CLAIM = "data";
  private static final String ROOT = "as root";
  private static final String RESTRICTED = "restricted";
  private static final String NEIGHBOUR = "neighbour";

  /** In names and contents of the neighbour's volume only. */
  private static final String MARKER = "marker-" + RandomText.of(20);

  /** More files than the attempts make, so that the neighbour has an inode number of its own. */
  private static final int FILES = 1000;

  /** What is in the root of each volume, by name only: they are in no listing. */
  private static final Map<String, String> VISIBLE =
      Map.of(
          ".jfs.control", "0o666",
          ".jfs.config", "0o400",
          ".jfs.stats", "0o444",
          ".jfs.accesslog", "0o400",
          ".jfs.trash", "0o555");

  /** A file of each user, since they may not write each other's. */
  private static final String TOUCH = "touch /data/by-$(id -u)";

  /** A juicefs that has ended of a broken message is started again, after a while if often. */
  private static final Duration BACK = Duration.ofMinutes(2);

  private static Cluster cluster;
  private static ClusterInventory inventory;
  private static Inventory before;
  private static Workspace own;
  private static Workspace others;
  private static Map<String, Shell> pods;
  private static Shell neighbour;
  private static PersistentVolume volume;
  private static PersistentVolume othersVolume;

  @BeforeAll
  static void start() {
    cluster = new Cluster();
    inventory = new ClusterInventory(cluster);
    before = inventory.read();
    own = new Workspace(cluster, "inside", "baseline");
    others = new Workspace(cluster, "another-tenant");
    Scripts.put(cluster, own);
    own.claim(CLAIM, "ReadWriteMany", "64Mi");
    others.claim(CLAIM, "ReadWriteMany", "64Mi");
    volume = own.bound(CLAIM);
    othersVolume = others.bound(CLAIM);
    pods =
        Map.of(
            ROOT, own.running(hostile(Pods.asRoot(Pods.idle("root", CLAIM)))),
            RESTRICTED, own.running(hostile(Pods.idle("restricted", CLAIM))));
    neighbour = others.running(Pods.idle(NEIGHBOUR, CLAIM));
    neighbour.run(
        "cd /data && for i in $(seq %d); do : > $i; done; echo %s > %s"
            .formatted(FILES, MARKER, MARKER));
  }

  private static Pod hostile(Pod pod) {
    return Scripts.with(Pods.withToken(pod));
  }

  @AfterEach
  void theNeighbourHasNoticedNothing() {
    assertThat(neighbour.run("cat /data/" + MARKER)).isEqualTo(MARKER);
    assertThat(neighbour.run("ls /data | wc -l")).isEqualTo("" + (FILES + 1));
  }

  @AfterAll
  static void end() {
    try (var _ = cluster) {
      others.close();
      own.close();
      Leftovers.requireNone(inventory, before);
    }
  }

  @TestFactory
  Stream<DynamicNode> theApiServerTellsNothing() {
    return each(
        44,
        shell ->
            lines(
                shell,
                "api",
                own.name(),
                others.name(),
                NEIGHBOUR,
                CLAIM,
                name(othersVolume),
                name(othersVolume),
                name(volume),
                shell.pod().getMetadata().getName()));
  }

  @TestFactory
  Stream<DynamicNode> nothingOfTheNodeIsThere() {
    return each(33, shell -> lines(shell, "host", name(othersVolume), handle(othersVolume)));
  }

  @TestFactory
  Stream<DynamicNode> noPathLeadsOutOfTheVolume() {
    return each(44, shell -> lines(shell, "paths"));
  }

  @TestFactory
  Stream<DynamicNode> messagesToJuicefsReachThisVolumeOnly() {
    var inode = neighbour.run("stat -c %i /data/" + MARKER);
    return each(27, shell -> lines(shell, "control", inode, MARKER));
  }

  /** Else the attempts would be refused for being wrong. */
  @Test
  void theSameMessagesReachTheVolumesOwnFiles() {
    for (var shell : pods.values()) {
      shell.run("echo own > /data/own-file");
      var inode = shell.run("stat -c %i /data/own-file");
      var reached =
          lines(shell, "control", inode, "own-file").stream()
              .map(line -> line.split("\t", 2))
              .filter(line -> line[1].startsWith("reached: "))
              .map(line -> line[0]);
      assertThat(reached)
          .contains(
              "message: info",
              "message: info, raw",
              "message: legacy info",
              "message: summary",
              "message: clone",
              "message: warm up /own-file",
              "a copy of another's file");
      shell.run("rm -f /data/cloned /data/own-file");
    }
  }

  @TestFactory
  Stream<DynamicNode> theNetworkGivesNothing() {
    var keys = BackendSecret.ofVolume(cluster, name(volume));
    var command =
        command(
            "network",
            cluster.nodeAddress(),
            keys.redisAddress(),
            keys.objectAddress(),
            attribute("bucket"),
            attribute("lineage"),
            attribute("number"));
    var input = keys.redisUser() + "\n" + keys.redisPassword() + "\n";
    return each(31, shell -> shell.run(command, input).lines().toList());
  }

  /** What the files are for stands in JuiceFS's pkg/vfs/internal.go. */
  @Test
  void ofJuicefsOwnFilesFewAreThere() {
    for (var shell : pods.values()) {
      var seen =
          lines(shell, "visible").stream()
              .map(line -> line.split("\t", 2))
              .collect(Collectors.toMap(line -> line[0], line -> line[1]));
      assertThat(seen.values()).contains("ENOENT").noneMatch(mode -> mode.endsWith("listed"));
      seen.values().removeIf("ENOENT"::equals);
      assertThat(seen).isEqualTo(VISIBLE);
    }
  }

  @Test
  void whatJuicefsOwnFilesShowIsNoSecretAndOfThisVolume() {
    var foreign = foreign();
    var readable =
        Map.of(
            ROOT, List.of("config", "stats", "accesslog"),
            RESTRICTED, List.of("stats"));
    readable.forEach((kind, names) -> {
      var read = new ArrayList<String>();
      for (var line : lines(shell(kind), "dump")) {
        var fields = line.split("\t", -1);
        if (fields[1].equals("read") && !fields[0].equals("control")) {
          read.add(fields[0]);
          var content =
              new String(Base64.getDecoder().decode(fields[2]), StandardCharsets.ISO_8859_1);
          assertThat(content).as(kind + ": " + fields[0]).isNotEmpty();
          assertThat(foreign.stream().filter(content::contains)).as(fields[0]).isEmpty();
        }
      }
      assertThat(read).containsExactlyElementsOf(names);
    });
  }

  /** The passwords of everybody, and what names the other volume. */
  private static List<String> foreign() {
    var foreign = new ArrayList<>(List.of(MARKER, name(othersVolume), handle(othersVolume)));
    foreign.addAll(BackendSecret.administrator(cluster).secrets());
    for (var its : List.of(volume, othersVolume)) {
      foreign.addAll(BackendSecret.ofVolume(cluster, name(its)).secrets());
    }
    return foreign;
  }

  @Test
  void aPodThatMayOnlyReadSendsNoMessages() {
    var reader = own.running(Pods.readOnly(Pods.asRoot(Pods.idle("reader", CLAIM))));
    assertThat(reader.attempt("echo x > /data/.jfs.control").output())
        .contains("Read-only file system");
    own.remove("reader");
  }

  /**
   * Messages to it name inodes of the whole volume: a subPath is no border, and is told to be none.
   */
  @Test
  void aSubPathHasTheControlFileOnly() {
    shell(ROOT).run("mkdir -p /data/part");
    var part =
        own.running(Scripts.with(Pods.subPath(Pods.asRoot(Pods.idle("part", CLAIM)), "part")));
    var seen = lines(part, "visible").stream().filter(line -> !line.endsWith("\tENOENT")).toList();
    assertThat(seen).containsExactly(".jfs.control\t0o666");
    own.remove("part");
  }

  @Test
  void aSubPathThatIsALinkOutIsRefused() {
    shell(ROOT).run("ln -sfn / /data/out");
    own.pod(Pods.subPath(Pods.small("out", CLAIM), "out/etc"));
    Expect.within(
        Workspace.RUNNING,
        "the kubelet refuses the subPath",
        () -> own.events("out").contains("subPath"),
        () -> own.events("out"));
    own.remove("out");
  }

  /** It may end its own juicefs that way, which comes back. */
  @Test
  void brokenMessagesHarmNobodyElse() {
    for (var shell : pods.values()) {
      assertThat(shell.run(command("broken"))).isEqualTo("sent");
      neighbour.run("echo written > /data/1 && cat /data/1");
      Expect.within(
          BACK,
          "the volume of the pod that sent them works",
          () -> shell.attempt(TOUCH).code() == 0,
          () -> shell.attempt(TOUCH).output());
    }
  }

  @Test
  void onTheNodeTheDriverIsRootsAlone() throws IOException {
    Path plugin = cluster.onDisk("/var/lib/kubelet/plugins/" + Cluster.DRIVER);
    for (var folder :
        List.of(
            plugin,
            plugin.resolve("service"),
            plugin.resolve("state"),
            cluster.onNode("/run/juicebox"))) {
      assertThat(mode(folder)).as(folder.toString()).isEqualTo("rwx------");
    }
    try (var files = Files.find(plugin, 6, (_, attributes) -> attributes.isOther())) {
      var sockets = files.toList();
      assertThat(sockets).hasSizeGreaterThanOrEqualTo(3);
      for (var socket : sockets) {
        assertThat(mode(socket)).as(socket.toString()).isEqualTo("rw-------");
      }
    }
  }

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  private interface Attempts {
    List<String> in(Shell shell);
  }

  /** A test for each attempt, in each pod. */
  private static Stream<DynamicNode> each(int least, Attempts attempts) {
    return pods.entrySet().stream()
        .map(pod -> {
          var lines = attempts.in(pod.getValue());
          var enough =
              dynamicTest(
                  "at least " + least, () -> assertThat(lines).hasSizeGreaterThanOrEqualTo(least));
          return dynamicContainer(
              pod.getKey(),
              Stream.concat(Stream.of(enough), lines.stream().map(InsideAPodTest::refused)));
        });
  }

  private static DynamicTest refused(String line) {
    var fields = line.split("\t", 2);
    return dynamicTest(fields[0], () -> assertThat(fields[1]).startsWith("refused: "));
  }

  private static List<String> lines(Shell shell, String... words) {
    return shell.run(command(words)).lines().toList();
  }

  private static String command(String... words) {
    return Stream.of(words)
        .map(word -> "'" + word + "'")
        .collect(Collectors.joining(" ", "python3 -B /scripts/inside.py ", ""));
  }

  private static Shell shell(String kind) {
    var shell = pods.get(kind);
    if (shell == null) {
      throw new AssertionError(kind);
    }
    return shell;
  }

  private static String attribute(String name) {
    return String.valueOf(othersVolume.getSpec().getCsi().getVolumeAttributes().get(name));
  }

  private static String name(PersistentVolume volume) {
    return volume.getMetadata().getName();
  }

  private static String handle(PersistentVolume volume) {
    return volume.getSpec().getCsi().getVolumeHandle();
  }
}
