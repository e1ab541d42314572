package io.juicebox.controller.kube;

import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeList;
import io.fabric8.kubernetes.api.model.storage.CSINode;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes the {@linkplain Taints startup taint} from each node where the driver has come up.
 *
 * <p>CSINodes are watched: they change only when a driver comes or goes, while Nodes change all the
 * time. A node whose CSINode begins to list the driver is looked at by itself. All nodes are looked
 * at in the beginning and from time to time: a taint may have been set while no controller ran, or
 * on a node where the driver runs already. How often depends on how many there are, 100 nodes a
 * minute at most: thousands of nodes cost the API server some 25 kB a second.
 */
final class StartupTaint implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StartupTaint.class);
  private static final long PAGE = 100;
  private static final int ATTEMPTS = 5;
  private static final int NOT_FOUND = 404;
  private static final int CONFLICT = 409;

  /** The API server's answer when a patch's test doesn't hold. */
  private static final int INVALID = 422;

  private static final Duration SHORTEST_PERIOD = Duration.ofMinutes(1);
  private static final Duration LOOK_COSTS = Duration.ofMillis(600);
  private static final Duration LONGEST_BACKOFF = Duration.ofSeconds(30);

  /** Between two nodes that are looked at by themselves. */
  private static final Duration PACE = Duration.ofMillis(20);

  private final Trouble watching =
      new Trouble("where the driver runs can't be learned, startup taints may stay");
  private final Trouble removing = new Trouble("startup taints can't be removed");
  private final KubernetesClient client;
  private final Duration shortestPeriod;
  private final CsiNodes nodes = new CsiNodes();
  private final SharedIndexInformer<CSINode> informer;
  private final Set<String> arrived = ConcurrentHashMap.newKeySet();
  private final BlockingQueue<Boolean> wakeUps = new ArrayBlockingQueue<>(1);
  private final Thread thread = Thread.ofVirtual().name("startup-taint").unstarted(this::run);
  private long nextLook = System.nanoTime();

  StartupTaint(KubernetesClient client) {
    this(client, SHORTEST_PERIOD);
  }

  StartupTaint(KubernetesClient client, Duration shortestPeriod) {
    this.client = client;
    this.shortestPeriod = shortestPeriod;
    this.informer =
        client
            .storage()
            .v1()
            .csiNodes()
            .withLimit(PAGE)
            .runnableInformer(0)
            .itemStore(nodes)
            .exceptionHandler((_, failure) -> {
              watching.met(failure);
              return true;
            });
    informer.addEventHandler(new Arrivals());
  }

  void start() {
    var _ = informer.start();
    thread.start();
  }

  @Override
  public void close() {
    thread.interrupt();
    informer.close();
  }

  private final class Arrivals implements ResourceEventHandler<CSINode> {
    @Override
    public void onList(String resourceVersion, boolean remainedEmpty) {
      watching.over();
      wakeUps.offer(true);
    }

    @Override
    public void onAdd(CSINode node) {
      arrived(null, node);
    }

    @Override
    public void onUpdate(CSINode before, CSINode now) {
      arrived(before, now);
    }

    @Override
    public void onDelete(CSINode node, boolean unknown) {}

    private void arrived(@Nullable CSINode before, CSINode now) {
      if (CsiNodes.listsDriver(now) && (before == null || !CsiNodes.listsDriver(before))) {
        arrived.add(now.getMetadata().getName());
        wakeUps.offer(true);
      }
    }
  }

  private void run() {
    int failures = 0;
    try {
      wakeUps.take(); // the first list of CSINodes
      while (!Thread.currentThread().isInterrupted()) {
        if (looked()) {
          failures = 0;
          wakeUps.poll(nextLook - System.nanoTime(), TimeUnit.NANOSECONDS);
        } else {
          Thread.sleep(backoff(failures++));
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  static Duration backoff(int failures) {
    Duration pause = Duration.ofSeconds(1L << Math.min(failures, 10));
    return pause.compareTo(LONGEST_BACKOFF) < 0 ? pause : LONGEST_BACKOFF;
  }

  /** How long after a look at all nodes the next one begins. */
  static Duration period(int nodes, Duration shortest) {
    Duration period = LOOK_COSTS.multipliedBy(nodes);
    return period.compareTo(shortest) < 0 ? shortest : period;
  }

  /** Looks at what is due; false when something failed, which is due again then. */
  private boolean looked() throws InterruptedException {
    var names = List.copyOf(arrived);
    arrived.removeAll(names);
    try {
      List<String> failed = nextLook - System.nanoTime() <= 0 ? lookAtAll() : lookAtEach(names);
      arrived.addAll(failed);
      if (failed.isEmpty()) {
        removing.over();
      }
      return failed.isEmpty();
    } catch (KubernetesClientException e) {
      arrived.addAll(names); // those that were done cost one look more
      removing.met(e);
      return false;
    }
  }

  private List<String> lookAtEach(List<String> names) throws InterruptedException {
    var failed = new ArrayList<String>();
    for (String name : names) {
      Node node = client.nodes().withName(name).get();
      if (node != null && !removedOrTold(node)) {
        failed.add(name);
      }
      Thread.sleep(PACE);
    }
    return failed;
  }

  private List<String> lookAtAll() {
    var failed = new ArrayList<String>();
    String next = "";
    do {
      var options = new ListOptionsBuilder().withLimit(PAGE).withContinue(next).build();
      NodeList page = client.nodes().list(options);
      for (Node node : page.getItems()) {
        String name = node.getMetadata().getName();
        if (nodes.haveDriver(name) && !removedOrTold(node)) {
          failed.add(name);
        }
      }
      next = Objects.requireNonNullElse(page.getMetadata().getContinue(), "");
    } while (!next.isEmpty());
    nextLook = System.nanoTime() + period(nodes.size(), shortestPeriod).toNanos();
    return failed;
  }

  /** One node that can't be patched must not hold up the others. */
  private boolean removedOrTold(Node node) {
    try {
      remove(node);
      return true;
    } catch (KubernetesClientException e) {
      if (Trouble.codeOf(e) == 0) {
        throw e;
      }
      removing.met(e);
      return false;
    }
  }

  private void remove(Node seen) {
    String name = seen.getMetadata().getName();
    Node node = seen;
    for (int attempt = 1; node != null; attempt++) {
      var removal = Taints.removal(node);
      if (removal.isEmpty()) {
        return;
      }
      try {
        client
            .resource(node) // by its name alone the client would get it first
            .patch(
                PatchContext.of(PatchType.JSON),
                client.getKubernetesSerialization().asJson(removal.get()));
        LOG.info("node {} has the driver: its taint {} is removed", name, Taints.KEY);
        return;
      } catch (KubernetesClientException e) {
        if (e.getCode() == NOT_FOUND) {
          return;
        }
        if (attempt == ATTEMPTS || (e.getCode() != CONFLICT && e.getCode() != INVALID)) {
          throw e;
        }
        node = client.nodes().withName(name).get(); // somebody else changed its taints
      }
    }
  }
}
