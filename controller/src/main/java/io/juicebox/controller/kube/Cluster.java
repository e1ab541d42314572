package io.juicebox.controller.kube;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.api.model.storage.CSINode;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.juicebox.controller.registry.VolumeRecord;
import io.juicebox.controller.volume.FailureReports;
import io.juicebox.csi.volume.VolumeContext;
import io.juicebox.csi.volume.VolumeId;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.function.Function;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.ObjectMapper;

/**
 * The cluster that the controller serves: removes startup taints and tells failures as Events, from
 * {@link #start} on and in the background.
 */
public final class Cluster {
  private static final Logger LOG = LoggerFactory.getLogger(Cluster.class);
  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final Duration ANSWER = Duration.ofSeconds(10);

  private final EventBook book = new EventBook(InstantSource.system());
  private final PvcEvents events = new PvcEvents(book);
  private final Function<VolumeId, Optional<VolumeRecord>> registry;
  private final String instance;

  /**
   * Does nothing yet.
   *
   * @param registry finds the record of a volume
   * @param instance who we are among the replicas, in a pod its name
   */
  public Cluster(Function<VolumeId, Optional<VolumeRecord>> registry, String instance) {
    this.registry = registry;
    this.instance = instance;
  }

  /** Where failures are reported; it takes them before the start, too. */
  public FailureReports failures() {
    return events;
  }

  /** Begins, without waiting for the API server. */
  public void start() {
    Thread.ofVirtual().name("kubernetes").start(this::connect);
  }

  private void connect() {
    try {
      var client = client(Config.autoConfigure(null));
      new StartupTaint(client).start();
      new EventWriter(client, book, events, this::claimed, instance).start();
      LOG.info("the API server of Kubernetes is {}", client.getMasterUrl());
    } catch (RuntimeException e) {
      LOG.error("nothing is said to Kubernetes: neither events nor startup taints", e);
    }
  }

  /** A client that never repeats a call by itself, and in whose threads nothing waits. */
  static KubernetesClient client(Config found) {
    var config =
        new ConfigBuilder(found)
            .withRequestRetryBackoffLimit(0)
            .withConnectionTimeout((int) CONNECT.toMillis())
            .withRequestTimeout((int) ANSWER.toMillis())
            .withHttp2Disable(true)
            .withUserAgent("juicebox-controller")
            .build();
    return new KubernetesClientBuilder()
        .withConfig(config)
        .withKubernetesSerialization(serialization())
        .withTaskExecutor(
            Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("kube-", 0).factory()))
        .build();
  }

  /** Only what we read: by itself the client loads every class of every API, 15 MiB of them. */
  private static KubernetesSerialization serialization() {
    var serialization = new KubernetesSerialization(new ObjectMapper(), false);
    Stream.of(CSINode.class, Node.class, Event.class, Secret.class, Status.class)
        .forEach(serialization::registerKubernetesResource);
    return serialization;
  }

  private Optional<Whose.Claimed> claimed(VolumeId volume) {
    return registry
        .apply(volume)
        .flatMap(record ->
            record
                .context()
                .flatMap(VolumeContext::pvc)
                .map(pvc -> new Whose.Claimed(record.name(), pvc)));
  }
}
