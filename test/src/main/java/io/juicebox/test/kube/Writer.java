package io.juicebox.test.kube;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A pod that appends records to its volume without an end, see {@code test/kube/records.py}. What
 * it said is read from the node's disk, so that it can be had when no part of the cluster answers.
 */
final class Writer {
  private static final Duration PROGRESS = Duration.ofSeconds(90);

  /** For the last words. */
  private static final Duration GRACE = Duration.ofSeconds(10);

  /**
   * What a persistent one saw from its SIGTERM to its end.
   *
   * @param troubles each error
   * @param last the last record that it was told to be safe
   * @param acknowledged how many since its SIGTERM
   * @param longestPause the longest time without one
   */
  record LastWords(List<String> troubles, long last, long acknowledged, Duration longestPause) {}

  /** What it said at a moment. */
  private record Said(Instant at, String words) {}

  private final Cluster cluster;
  private final Workspace workspace;
  private final Pod pod;

  /** What was read last: the kubelet removes it soon after the pod. */
  private List<Said> known = List.of();

  private Writer(Cluster cluster, Workspace workspace, Pod pod) {
    this.cluster = cluster;
    this.workspace = workspace;
    this.pod = pod;
  }

  /** Starts one and waits until it has written. */
  static Writer start(Cluster cluster, Workspace workspace, String name, String claim) {
    return start(cluster, workspace, pod(name, claim).build());
  }

  /**
   * As {@link #start(Cluster, Workspace, String, String)}, one that goes on for a time after its
   * SIGTERM; then {@link #lastWords} are in the volume.
   */
  static Writer persistent(
      Cluster cluster, Workspace workspace, String name, String claim, Duration after) {
    var seconds = after.toSeconds();
    var pod =
        pod(name, claim, Long.toString(seconds))
            .editSpec()
            .withTerminationGracePeriodSeconds(seconds + GRACE.toSeconds())
            .endSpec();
    return start(cluster, workspace, pod.build());
  }

  private static PodBuilder pod(String name, String claim, String... arguments) {
    var command = new ArrayList<>(List.of("python3", "-B", "/scripts/records.py", "write"));
    command.add(Pods.FOLDER);
    command.addAll(List.of(arguments));
    return Pods.of(name, claim, Cluster.WORKLOAD_IMAGE, command.toArray(String[]::new));
  }

  private static Writer start(Cluster cluster, Workspace workspace, Pod pod) {
    var running = workspace.running(Scripts.with(pod));
    var writer = new Writer(cluster, workspace, running.pod());
    writer.awaitProgress();
    return writer;
  }

  String name() {
    return pod.getMetadata().getName();
  }

  /** The last record that it was told to be safe. */
  long acknowledged() {
    return said().stream()
        .filter(said -> said.words().startsWith("ack "))
        .mapToLong(said -> Long.parseLong(said.words().substring("ack ".length())))
        .max()
        .orElse(0);
  }

  /** Waits until it has written more than now. */
  void awaitProgress() {
    var now = acknowledged();
    Expect.within(
        PROGRESS,
        name() + " writes on behind record " + now,
        () -> acknowledged() > now + 10,
        () -> workspace.events(name()) + "\n" + tail());
  }

  /** What it said that is no acknowledgement since a moment, without repetitions. */
  List<String> troubles(Instant since) {
    return said().stream()
        .filter(said -> said.at().isAfter(since) && !said.words().startsWith("ack "))
        .map(Said::words)
        .distinct()
        .toList();
  }

  /** The longest time between two acknowledged records since a moment. */
  Duration longestPause(Instant since) {
    var longest = Duration.ZERO;
    var last = since;
    for (var said : said()) {
      if (said.words().startsWith("ack ")) {
        if (said.at().isAfter(since)) {
          var pause = Duration.between(last, said.at());
          longest = pause.compareTo(longest) > 0 ? pause : longest;
        }
        last = said.at();
      }
    }
    return longest;
  }

  /** How often its container was started again. */
  int restarts() {
    return workspace.find(name()).orElseThrow().getStatus().getContainerStatuses().stream()
        .mapToInt(ContainerStatus::getRestartCount)
        .sum();
  }

  /** Ends its process, so that the kubelet starts the container again. */
  void restartContainer() {
    var _ = new Shell(cluster.client(), pod).attempt("touch /tmp/restart");
  }

  /** Every record that was acknowledged is in the volume, in order and whole. */
  void requireNothingLost() {
    var acknowledged = acknowledged();
    var found = found(workspace.running(name()));
    if (found < acknowledged || said().stream().anyMatch(said -> said.words().startsWith("lost"))) {
      throw new AssertionError(
          "%s was told that %d records are safe, and %d are there%n%s"
              .formatted(name(), acknowledged, found, tail()));
    }
  }

  /**
   * The number of the last record in the volume; all before are there, in order and whole.
   *
   * @param reader a pod with the scripts that has the volume
   */
  static long found(Shell reader) {
    return Long.parseLong(reader.run("python3 -B /scripts/records.py check " + Pods.FOLDER));
  }

  /**
   * What it left, once it has ended in order.
   *
   * @param reader another pod that has the volume
   */
  static LastWords lastWords(Shell reader) {
    var lines = reader.run("cat %s/last-words".formatted(Pods.FOLDER)).lines().toList();
    var end = lines.getLast().split(" ", -1);
    if (end.length != 4 || !end[0].equals("end")) {
      throw new AssertionError("it did not end in order: " + lines);
    }
    return new LastWords(
        lines.subList(0, lines.size() - 1),
        Long.parseLong(end[1]),
        Long.parseLong(end[2]),
        Duration.ofMillis(Math.round(1000 * Double.parseDouble(end[3]))));
  }

  private String tail() {
    var said = said();
    return String.join(
        "\n",
        said.subList(Math.max(0, said.size() - 10), said.size()).stream()
            .map(Said::toString)
            .toList());
  }

  /** The logs of all its containers, in order. */
  private List<Said> said() {
    try {
      known = read();
    } catch (NoSuchFileException e) {
      return known; // the pod is gone
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return known;
  }

  private List<Said> read() throws IOException {
    var said = new ArrayList<Said>();
    var meta = pod.getMetadata();
    var folder =
        cluster
            .onDisk("/var/log/pods")
            .resolve(meta.getNamespace() + "_" + meta.getName() + "_" + meta.getUid())
            .resolve("main");
    try (Stream<Path> logs = Files.list(folder)) {
      for (var log : logs.sorted().toList()) {
        var text = Files.readString(log); // the last line may not be whole yet
        for (var line : text.substring(0, text.lastIndexOf('\n') + 1).lines().toList()) {
          // TIME STREAM F|P TEXT
          var fields = line.split(" ", 4);
          if (fields.length == 4) {
            said.add(new Said(Instant.parse(fields[0]), fields[3]));
          }
        }
      }
    }
    return said;
  }
}
