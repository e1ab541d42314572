package io.juicebox.test.kube;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodList;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.dsl.FilterWatchListDeletable;
import io.fabric8.kubernetes.client.dsl.PodResource;
import io.juicebox.test.server.Command;
import io.juicebox.test.server.Tools;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The test cluster that {@code test/kube/up.sh} started and in which {@code test/kube/deploy.sh}
 * put the driver: its API, its scripts and what its node shows to this machine.
 */
final class Cluster implements AutoCloseable {
  /** The namespace of the driver. */
  static final String DRIVER_NAMESPACE = "juicebox";

  static final String DRIVER = "csi.juicebox.io";
  static final String STORAGE_CLASS = "juicebox";
  static final String NODE = "node1";

  /** Holds Python with h5py and anndata, git and a shell. */
  static final String WORKLOAD_IMAGE = "juicebox.test/workload:1";

  /** Holds busybox alone. */
  static final String SMALL_IMAGE = "juicebox.test/base:1";

  private static final Duration SCRIPT = Duration.ofMinutes(3);

  private final Path repository = Tools.repository().orElseThrow();
  private final Path run = repository.resolve(".run/kube");
  private final KubernetesClient client;

  Cluster() {
    this.client = as("admin");
  }

  /**
   * The API as another may use it: {@code kubelet}, that of the node, or {@code other-kubelet},
   * that of a node that there is not. The caller closes it.
   */
  KubernetesClient as(String who) {
    var kubeconfig = run.resolve("certificates").resolve(who + ".kubeconfig");
    if (!Files.exists(kubeconfig)) {
      throw new IllegalStateException("no cluster is up: `make kube-test` starts one");
    }
    var config = Config.fromKubeconfig(kubeconfig.toFile());
    config.setClientKeyAlgo("EC"); // the library takes every key for one of RSA
    return new KubernetesClientBuilder().withConfig(config).build();
  }

  KubernetesClient client() {
    return client;
  }

  /** The pods of a part of the driver: {@code controller}, {@code node} or {@code mounts}. */
  FilterWatchListDeletable<Pod, PodList, PodResource> driverPods(String part) {
    return client
        .pods()
        .inNamespace(DRIVER_NAMESPACE)
        .withLabel("app.kubernetes.io/component", part);
  }

  /** Of the node, as its pods see it. */
  String nodeAddress() {
    return client.nodes().withName(NODE).require().getStatus().getAddresses().stream()
        .filter(address -> address.getType().equals("InternalIP"))
        .findFirst()
        .orElseThrow()
        .getAddress();
  }

  Path repository() {
    return repository;
  }

  /** Kills parts of the cluster, as a crash does, and starts what is missing. */
  void restart(String... parts) {
    kill(parts);
    start();
  }

  /** Kills parts of the cluster; {@code node} is a power cut. */
  void kill(String... parts) {
    script("kill.sh", parts);
  }

  /** Starts the parts that don't run. */
  void start() {
    script("up.sh");
  }

  /** Runs a script of {@code test/kube} to its good end and returns its output. */
  String script(String name, String... arguments) {
    var command = new ArrayList<String>();
    command.add(repository.resolve("test/kube").resolve(name).toString());
    command.addAll(List.of(arguments));
    return Command.run(SCRIPT, command);
  }

  /** Runs kubectl to its good end and returns its output. */
  String kubectl(String... arguments) {
    var command = new ArrayList<String>();
    command.add(repository.resolve(".tools/bin/kubectl").toString());
    command.add("--kubeconfig=" + run.resolve("certificates/admin.kubeconfig"));
    command.add("--cache-dir=" + run.resolve("kubectl"));
    command.addAll(List.of(arguments));
    return Command.run(SCRIPT, command);
  }

  /**
   * A folder or file of the node's disk. What is mounted over it does not show.
   *
   * @param path as the node has it, below /var
   */
  Path onDisk(String path) {
    return run.resolve("node").resolve(Path.of("/var").relativize(Path.of(path)).toString());
  }

  /**
   * A folder or file as the node's processes see it now, outside containers.
   *
   * @param path as the node has it
   */
  Path onNode(String path) {
    return Path.of("/proc", nodeProcess(), "root").resolve(path.substring(1));
  }

  /** The cgroups that the driver has made in those of its pods, by their last two names. */
  List<String> cgroups() {
    try (Stream<Path> hierarchies = Files.list(Path.of("/sys/fs/cgroup"))) {
      var found = new ArrayList<String>();
      for (var hierarchy : hierarchies.toList()) {
        if (Files.isDirectory(hierarchy.resolve(cgroup()))) {
          found.addAll(volumeCgroups(hierarchy.resolve(cgroup())));
        }
      }
      return found;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Those of containers come and go meanwhile. */
  private static List<String> volumeCgroups(Path pods) throws IOException {
    var found = new ArrayList<String>();
    Files.walkFileTree(
        pods,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            if (String.valueOf(folder.getParent()).contains("/juicebox-" + NODE)) {
              found.add("juicebox-" + NODE + "/" + folder.getFileName());
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) {
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path folder, IOException e) {
            return FileVisitResult.CONTINUE;
          }
        });
    return found;
  }

  /** All pods are below it, in each hierarchy. */
  private static String cgroup() {
    return "juicebox-kube" + System.getenv().getOrDefault("KUBE_INSTANCE", "0");
  }

  private String nodeProcess() {
    try {
      return Files.readString(run.resolve("pids/node")).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Every API call, a JSON object a line. */
  Path auditLog() {
    return run.resolve("logs/audit.log");
  }

  /** The lines of the node's own mountinfo. */
  List<String> mounts() {
    try {
      return Files.readAllLines(Path.of("/proc", nodeProcess(), "mountinfo"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The commands of all processes in pods. */
  List<String> podProcesses() {
    var pods = "/" + cgroup() + "/";
    try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
      return processes
          .filter(process -> process.getFileName().toString().matches("[0-9]+"))
          .filter(process -> read(process.resolve("cgroup")).contains(pods))
          .map(process -> read(process.resolve("comm")).strip())
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Empty if the process has ended. */
  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return "";
    }
  }

  @Override
  public void close() {
    client.close();
  }
}
