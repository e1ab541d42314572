package io.juicebox.test.kube;

import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.juicebox.test.stack.BackendReader;
import io.juicebox.test.stack.Inventory;
import io.lettuce.core.RedisURI;
import io.minio.MinioClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Looks at every place where the driver, the kubelet or a pod can leave something of a volume. */
final class ClusterInventory {
  private static final String STATE = "/var/lib/kubelet/plugins/" + Cluster.DRIVER + "/state";

  private final Cluster cluster;
  private final RedisURI redis;
  private final MinioClient objects;

  ClusterInventory(Cluster cluster) {
    this.cluster = cluster;
    var backend = BackendSecret.administrator(cluster);
    this.redis = backend.redis();
    this.objects = backend.objects();
  }

  Inventory read() {
    var things = new TreeSet<>(BackendReader.read("default", redis, objects));
    cluster.client().persistentVolumes().list().getItems().stream()
        .filter(ClusterInventory::isOurs)
        .forEach(volume -> things.add("pv " + volume.getMetadata().getName()));
    Snapshots.contents(cluster.client())
        .forEach(content -> things.add("snapshotcontent " + content.getMetadata().getName()));
    cluster
        .client()
        .secrets()
        .inNamespace(Cluster.DRIVER_NAMESPACE)
        .withLabel("csi.juicebox.io/volume")
        .list()
        .getItems()
        .forEach(secret -> things.add("secret " + secret.getMetadata().getName()));
    cluster.mounts().stream()
        .map(line -> line.split(" ", -1)[4])
        .filter(point -> point.startsWith(STATE) || point.contains("/kubernetes.io~csi/"))
        .filter(point ->
            point.startsWith("/var/")) // and not the same by the name that this machine has
        .forEach(point -> things.add("mount " + point));
    cluster.podProcesses().stream()
        .filter("juicefs"::equals)
        .forEach(process -> things.add("process " + process));
    children(cluster.onDisk(STATE))
        .flatMap(ClusterInventory::children)
        .forEach(path -> things.add("file " + path));
    children(cluster.onNode("/run/juicebox"))
        .flatMap(ClusterInventory::children)
        .forEach(path -> things.add("file " + path));
    cluster.cgroups().forEach(path -> things.add("cgroup " + path));
    children(cluster.onDisk("/var/cache/juicebox"))
        .forEach(path -> things.add("directory " + path));
    children(cluster.onDisk("/var/lib/kubelet/pods"))
        .flatMap(pod -> children(pod.resolve("volumes/kubernetes.io~csi")))
        .forEach(path -> things.add("directory " + path));
    return new Inventory(things);
  }

  /** The volumes of the registry. */
  long volumes() {
    return read().of("record").size();
  }

  private static boolean isOurs(PersistentVolume volume) {
    var csi = volume.getSpec().getCsi();
    return csi != null && csi.getDriver().equals(Cluster.DRIVER);
  }

  /** Nothing if the directory isn't there. */
  private static Stream<Path> children(Path directory) {
    if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
      return Stream.empty();
    }
    try (var entries = Files.list(directory)) {
      return entries.toList().stream();
    } catch (NoSuchFileException e) {
      return Stream.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
