package io.juicebox.node.descriptor;

import io.juicebox.csi.volume.VolumeId;
import io.juicebox.node.kernel.Descriptor;
import io.juicebox.node.kernel.Descriptors;
import io.juicebox.node.kernel.EventLoop;
import io.juicebox.node.kernel.KernelException;
import io.juicebox.node.kernel.UnixSockets;
import io.juicebox.node.kernel.UnixSockets.Kind;
import io.juicebox.node.kernel.UnixSockets.Received;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Second copies of the descriptors that a {@link DescriptorKeeper} in another process keeps, for
 * the time when that process is not there: in a pod its end is that of all juicefs processes, too,
 * and without a copy that of all mounts. It gives them to the next one.
 */
public final class DescriptorCopies implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DescriptorCopies.class);
  private static final Duration PAUSE = Duration.ofMillis(100);

  private final Path server;
  private final UnixSockets sockets = new UnixSockets();
  private final EventLoop events = new EventLoop("descriptor-copies", new Descriptors());
  private final Map<VolumeId, Descriptor> held = new ConcurrentHashMap<>();
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("descriptor-copies-timer").factory());
  private volatile boolean closed;

  /** A connection; used by the event loop's thread once it is registered. */
  private final class Connection {
    private final Descriptor socket;

    Connection(Descriptor socket) {
      this.socket = socket;
    }

    /** What we have, before anything is received. */
    void begin() {
      held.forEach(
          (volume, copy) -> sockets.send(socket, CopyMessage.keep(volume).bytes(), List.of(copy)));
      sockets.send(socket, CopyMessage.all().bytes(), List.of());
      events.register(socket, this::receive);
    }

    private void receive(EventLoop.Registration receiving) {
      try {
        Optional<Received> received = sockets.receive(socket);
        if (received.isEmpty()) {
          return;
        }
        if (!received.get().isEnd()) {
          take(received.get());
          return;
        }
      } catch (KernelException e) {
        LOG.debug("the connection to the mount service failed", e);
      }
      receiving.close();
      socket.close();
      later();
    }
  }

  /**
   * @param server the keeper's socket for copies
   */
  public DescriptorCopies(Path server) {
    this.server = server;
    later();
  }

  /** How many mounts have a copy here. */
  public int held() {
    return held.size();
  }

  /** Closes all copies. */
  @Override
  public void close() {
    closed = true;
    timer.shutdownNow();
    events.close();
    held.values().forEach(Descriptor::close);
    held.clear();
  }

  private void later() {
    if (!closed) {
      var _ = timer.schedule(this::connect, PAUSE.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  private void connect() {
    try {
      var connection = new Connection(sockets.connect(Kind.MESSAGES, server));
      try {
        connection.begin();
      } catch (KernelException e) {
        connection.socket.close();
        throw e;
      }
    } catch (KernelException e) {
      later(); // it is not there yet
    }
  }

  private void take(Received received) {
    Optional<CopyMessage> message = CopyMessage.of(received.bytes());
    Optional<VolumeId> volume = message.flatMap(CopyMessage::volume);
    boolean keeps =
        message.filter(it -> it.kind() == CopyMessage.Kind.KEEP).isPresent()
            && received.descriptors().size() == 1;
    if (keeps) {
      Optional.ofNullable(held.put(volume.orElseThrow(), received.descriptors().getFirst()))
          .ifPresent(Descriptor::close);
      return;
    }
    received.descriptors().forEach(Descriptor::close);
    if (message.filter(it -> it.kind() == CopyMessage.Kind.DROP).isPresent()) {
      Optional.ofNullable(held.remove(volume.orElseThrow())).ifPresent(Descriptor::close);
    }
  }
}
