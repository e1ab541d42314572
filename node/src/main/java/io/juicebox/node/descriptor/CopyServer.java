package io.juicebox.node.descriptor;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.juicebox.csi.volume.VolumeId;
import io.juicebox.node.kernel.Descriptor;
import io.juicebox.node.kernel.EventLoop;
import io.juicebox.node.kernel.KernelException;
import io.juicebox.node.kernel.UnixSockets;
import io.juicebox.node.kernel.UnixSockets.Kind;
import io.juicebox.node.kernel.UnixSockets.Received;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where holders of second copies connect: a node plugin, or two of them for a moment. A holder
 * first brings what it has; then it is sent what it lacks, each new descriptor, and what to close.
 *
 * <p>The owner calls with its own lock held, so nothing here calls the owner with the lock of this.
 */
final class CopyServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CopyServer.class);

  private final UnixSockets sockets;
  private final EventLoop events;
  private final Owner owner;
  private final Descriptor listener;
  private final EventLoop.Registration listening;
  private final ReentrantLock lock = new ReentrantLock();

  /** What holders have brought and the owner does not know yet; guarded by the lock. */
  private final Map<VolumeId, Descriptor> offered = new HashMap<>();

  private final Set<Holder> holders = new HashSet<>(); // guarded by the lock
  private boolean settled; // guarded by the lock

  /** Whose descriptors these are copies of. */
  interface Owner {
    /** A holder has brought one: {@link #claim} it if the volume is known. */
    void offered(VolumeId volume);

    /** A holder has brought all that it has. */
    void complete(Holder holder);
  }

  /** One that is connected. */
  static final class Holder {
    private final Descriptor connection;
    private final Set<VolumeId> has = new HashSet<>(); // guarded by the server's lock
    private Optional<EventLoop.Registration> receiving = Optional.empty();

    private Holder(Descriptor connection) {
      this.connection = connection;
    }
  }

  CopyServer(Path path, UnixSockets sockets, EventLoop events, Owner owner) {
    this.sockets = sockets;
    this.events = events;
    this.owner = owner;
    this.listener = sockets.listen(Kind.MESSAGES, path);
    this.listening = events.register(listener, _ -> accept());
  }

  /** What a holder has brought of a volume; it is the caller's now. */
  Optional<Descriptor> claim(VolumeId volume) {
    return locked(() -> Optional.ofNullable(offered.remove(volume)));
  }

  /** Gives all holders a copy. */
  void keep(VolumeId volume, Descriptor fuse) {
    locked(() -> {
      List.copyOf(holders).forEach(holder -> send(holder, volume, fuse));
      return holders;
    });
  }

  /** Gives one holder a copy, in place of the one that it may have. */
  void keep(Holder holder, VolumeId volume, Descriptor fuse) {
    locked(() -> {
      holder.has.remove(volume);
      send(holder, volume, fuse);
      return holder;
    });
  }

  /** Has all holders close theirs. */
  void drop(VolumeId volume) {
    locked(() -> {
      Optional.ofNullable(offered.remove(volume)).ifPresent(Descriptor::close);
      List.copyOf(holders).forEach(holder -> sendDrop(holder, volume));
      return holders;
    });
  }

  /** The owner knows all volumes that there are: what is of others is closed, now and later. */
  void settled() {
    locked(() -> {
      settled = true;
      Set.copyOf(offered.keySet()).forEach(this::refuse);
      return holders;
    });
  }

  @Override
  public void close() {
    locked(() -> {
      listening.close();
      listener.close();
      List.copyOf(holders).forEach(this::end);
      offered.values().forEach(Descriptor::close);
      offered.clear();
      return holders;
    });
  }

  private void accept() {
    sockets
        .accept(listener)
        .ifPresent(connection ->
            locked(() -> {
              var holder = new Holder(connection);
              holders.add(holder);
              holder.receiving = Optional.of(events.register(connection, _ -> receive(holder)));
              return holder;
            }));
  }

  private void receive(Holder holder) {
    try {
      Optional<Received> received = sockets.receive(holder.connection);
      if (received.isEmpty()) {
        return;
      }
      if (!received.get().isEnd()) {
        take(holder, received.get());
        return;
      }
    } catch (KernelException e) {
      LOG.debug("the connection to a holder of copies failed", e);
    }
    locked(() -> {
      end(holder);
      return holder;
    });
  }

  private void take(Holder holder, Received received) {
    List<Descriptor> brought = received.descriptors();
    Optional<CopyMessage> message = CopyMessage.of(received.bytes());
    CopyMessage.Kind kind = message.map(CopyMessage::kind).orElse(CopyMessage.Kind.DROP);
    if (kind == CopyMessage.Kind.KEEP && brought.size() == 1) {
      offer(holder, message.flatMap(CopyMessage::volume).orElseThrow(), brought.getFirst());
      return;
    }
    brought.forEach(Descriptor::close);
    if (kind == CopyMessage.Kind.ALL) {
      owner.complete(holder);
    }
  }

  private void offer(Holder holder, VolumeId volume, Descriptor copy) {
    locked(() -> {
      holder.has.add(volume);
      Optional.ofNullable(offered.put(volume, copy)).ifPresent(Descriptor::close);
      return holder;
    });
    owner.offered(volume);
    locked(() -> {
      if (settled && offered.containsKey(volume)) {
        refuse(volume);
      }
      return holder;
    });
  }

  private void refuse(VolumeId volume) {
    Optional.ofNullable(offered.remove(volume)).ifPresent(Descriptor::close);
    List.copyOf(holders).forEach(holder -> sendDrop(holder, volume));
  }

  private void send(Holder holder, VolumeId volume, Descriptor fuse) {
    if (holders.contains(holder) && holder.has.add(volume)) {
      send(holder, CopyMessage.keep(volume), List.of(fuse));
    }
  }

  private void sendDrop(Holder holder, VolumeId volume) {
    if (holder.has.remove(volume)) {
      send(holder, CopyMessage.drop(volume), List.of());
    }
  }

  /** One that does not read is cut off: it connects again, and both know what is missing. */
  private void send(Holder holder, CopyMessage message, List<Descriptor> with) {
    try {
      sockets.send(holder.connection, message.bytes(), with);
    } catch (KernelException e) {
      LOG.warn("a holder of copies is cut off: {}", e.getMessage());
      end(holder);
    }
  }

  private void end(Holder holder) {
    holders.remove(holder);
    holder.receiving.ifPresent(EventLoop.Registration::close);
    holder.connection.close();
  }

  private interface Work<T> {
    T run();
  }

  @CanIgnoreReturnValue
  private <T> T locked(Work<T> work) {
    lock.lock();
    try {
      return work.run();
    } finally {
      lock.unlock();
    }
  }
}
