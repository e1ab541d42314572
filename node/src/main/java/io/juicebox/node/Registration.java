package io.juicebox.node;

import io.juicebox.csi.identity.IdentityService;
import io.juicebox.csi.server.CsiServer;
import io.juicebox.csi.server.WatchedSocket;
import io.juicebox.csi.status.StatusInterceptor;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The driver's registration with the kubelet of its node, in place of node-driver-registrar.
 *
 * <p>The kubelet watches its folder plugins_registry: it registers the driver of a socket that
 * appears there, and drops the driver of one that is removed. When it refuses, it may be for a
 * moment only, such as with the API server away, but in that case it does not try again by itself
 * (kubernetes v1.34, pkg/kubelet/pluginmanager). So the socket is shown again, ever more slowly.
 * node-driver-registrar ends instead, to be started again; here that would end the juicefs process
 * of each volume too, for a refusal that concerns only what is mounted from now on.
 */
final class Registration {
  private static final Logger LOG = LoggerFactory.getLogger(Registration.class);
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

  /** A kubelet that watches the folder asks within two seconds. */
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private static final Duration DRAIN = Duration.ofSeconds(1);

  private final WatchedSocket socket;
  private final CsiServer server;
  private final Later later;
  private final AtomicLong refusals = new AtomicLong();
  private volatile String problem;
  private Duration pause = FIRST_PAUSE; // guarded by this, as is the next
  private boolean isDue;

  /** Runs work after a while. */
  @FunctionalInterface
  interface Later {
    void run(Duration after, Runnable work);
  }

  Registration(RegistrationSettings settings, Later later) {
    this.socket = new WatchedSocket(settings.socket());
    this.server =
        new CsiServer(
            socket,
            List.of(new StatusInterceptor()),
            List.of(new RegistrationService(settings.csiSocket(), this)));
    this.later = later;
    this.problem = "the kubelet has not asked at %s yet".formatted(socket);
  }

  /** Shows the socket. The CSI socket must be served: the kubelet dials it at once. */
  void start() throws IOException {
    server.start();
    later.run(PATIENCE, this::complain);
  }

  /** Removes the socket, so that the kubelet drops the driver, and ends. */
  void stop() throws InterruptedException {
    server.drain(DRAIN);
  }

  /** The kubelet has registered the driver; it says so after each of its own starts, too. */
  synchronized void accepted() {
    problem = "";
    pause = FIRST_PAUSE;
    LOG.info("the kubelet has registered {}", IdentityService.DRIVER_NAME);
  }

  /** The kubelet has not registered the driver, or no longer. */
  synchronized void refused(String why) {
    refusals.incrementAndGet();
    problem = "the kubelet does not register the driver: " + String.join(" ", why.lines().toList());
    LOG.error("{}; it is asked again", problem);
    if (!isDue) {
      isDue = true;
      later.run(pause, this::ask);
      pause =
          pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0
              ? pause.multipliedBy(2)
              : LONGEST_PAUSE;
    }
  }

  /** Why the kubelet does not know the driver, as a line; empty when it does. */
  String unready() {
    String now = problem;
    return now.isEmpty() ? "" : now + "\n";
  }

  void register(MeterRegistry registry) {
    Gauge.builder("juicebox.node.registered", () -> problem.isEmpty() ? 1 : 0)
        .description("Whether the kubelet has registered the driver")
        .strongReference(true)
        .register(registry);
    FunctionCounter.builder("juicebox.node.registration.refusals", refusals, AtomicLong::get)
        .description("How often the kubelet refused to register the driver")
        .register(registry);
  }

  private void ask() {
    synchronized (this) {
      isDue = false;
    }
    try {
      socket.showAgain();
    } catch (IOException e) {
      LOG.error("the kubelet can't be asked again to register the driver", e);
    }
  }

  private void complain() {
    String now = problem;
    if (!now.isEmpty()) {
      LOG.warn("no pod gets a volume: {}", now);
    }
  }
}
