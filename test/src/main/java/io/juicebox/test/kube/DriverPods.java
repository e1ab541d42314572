package io.juicebox.test.kube;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodList;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.DaemonSetBuilder;
import io.fabric8.kubernetes.client.dsl.FilterWatchListDeletable;
import io.fabric8.kubernetes.client.dsl.PodResource;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.readiness.Readiness;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** The pods of a part of the driver, as an operator ends and replaces them. */
final class DriverPods {
  static final String CONTROLLER = "controller";
  static final String PLUGIN = "node";
  static final String MOUNTS = "mounts";

  private static final Duration READY = Duration.ofMinutes(3);

  private final Cluster cluster;
  private final String part;
  private Set<String> old = Set.of();
  private Instant deleted = Instant.EPOCH;

  DriverPods(Cluster cluster, String part) {
    this.cluster = cluster;
    this.part = part;
  }

  /**
   * Deletes them and waits until their successors are ready.
   *
   * @return how long they were terminating
   */
  Duration replace() {
    remember();
    var _ = pods().delete();
    return awaitSuccessors();
  }

  /** Deletes them as one does whose node seems dead: they are killed, and others made at once. */
  void deleteByForce() {
    remember();
    var _ = pods().withGracePeriod(0).delete();
  }

  /**
   * Waits until those that were deleted last are gone, and others ready.
   *
   * @return how long they were terminating
   */
  Duration awaitSuccessors() {
    Expect.within(
        Workspace.TERMINATED,
        "the pods of " + part + " that were deleted are gone",
        () -> list().stream().map(DriverPods::uid).noneMatch(old::contains));
    var gone = Duration.between(deleted, Instant.now());
    Expect.within(
        READY,
        "another pod of " + part + " is ready",
        () -> isReady(list()),
        () -> String.join("\n", Workspace.events(cluster.client(), Cluster.DRIVER_NAMESPACE)));
    return gone;
  }

  /**
   * Gives them another image, one after the other.
   *
   * @return how long the pods before were terminating, with the time until each was deleted
   */
  Duration roll(String image) {
    remember();
    var set = set().edit(it -> with(image, it));
    // Pods of a set that is updated by hand are replaced when they are deleted.
    var gone =
        set.getSpec().getUpdateStrategy().getType().equals("OnDelete")
            ? replace()
            : awaitSuccessors();
    assertThat(list()).allSatisfy(pod -> assertThat(imageOf(pod.getSpec())).isEqualTo(image));
    return gone;
  }

  /** How many lines that the pods have logged are so. */
  long count(Predicate<String> line) {
    return list().stream()
        .flatMap(pod -> cluster.client().pods().resource(pod).getLog().lines())
        .filter(line)
        .count();
  }

  String image() {
    return imageOf(set().require().getSpec().getTemplate().getSpec());
  }

  private void remember() {
    old = list().stream().map(DriverPods::uid).collect(Collectors.toSet());
    assertThat(old).as("pods of " + part).isNotEmpty();
    deleted = Instant.now();
  }

  private boolean isReady(List<Pod> pods) {
    return !pods.isEmpty()
        && pods.stream().allMatch(pod -> !old.contains(uid(pod)) && Readiness.isPodReady(pod));
  }

  private List<Pod> list() {
    return pods().list().getItems();
  }

  private FilterWatchListDeletable<Pod, PodList, PodResource> pods() {
    return cluster.driverPods(part);
  }

  private Resource<DaemonSet> set() {
    return cluster
        .client()
        .apps()
        .daemonSets()
        .inNamespace(Cluster.DRIVER_NAMESPACE)
        .withName("juicebox-" + part);
  }

  private static DaemonSet with(String image, DaemonSet set) {
    return new DaemonSetBuilder(set)
        .editSpec()
        .editTemplate()
        .editSpec()
        .editFirstContainer()
        .withImage(image)
        .endContainer()
        .endSpec()
        .endTemplate()
        .endSpec()
        .build();
  }

  private static String imageOf(PodSpec pod) {
    return pod.getContainers().getFirst().getImage();
  }

  private static String uid(Pod pod) {
    return pod.getMetadata().getUid();
  }
}
