package io.juicebox.node.descriptor;

import io.juicebox.csi.volume.VolumeId;
import io.juicebox.node.kernel.Descriptor;
import io.juicebox.node.kernel.Descriptors;
import io.juicebox.node.kernel.EventLoop;
import io.juicebox.node.kernel.KernelException;
import io.juicebox.node.kernel.UnixSockets;
import io.juicebox.node.kernel.UnixSockets.Kind;
import io.juicebox.node.kernel.UnixSockets.Received;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the FUSE descriptor of each mount, so that the mount outlives its juicefs process: JuiceFS
 * 1.4.2 puts it here when it has mounted, and gets it here when another process served the mount
 * before (cmd/passfd.go; the environment's {@code _FUSE_FD_COMM}).
 *
 * <p>At a connection we speak first: the word FUSE, or the bytes of the kernel's INIT request and
 * the descriptor where we have both, each time behind a descriptor that JuiceFS drops. It closes
 * the connection, or sends INIT and the descriptor. The first one is kept, later ones are copies of
 * it. As long as we have it, what programs ask of the mount waits while no process serves it; when
 * the last copy is closed, they get ENOTCONN.
 */
public final class DescriptorKeeper implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DescriptorKeeper.class);
  private static final byte[] NONE_YET = "FUSE".getBytes(StandardCharsets.US_ASCII);

  /** What JuiceFS of other versions answers to a descriptor that it has taken. */
  private static final String TAKEN = "CLOSE";

  private final UnixSockets sockets;
  private final Descriptors descriptors;
  private final EventLoop events;
  private final Descriptor dummy;
  private final Optional<CopyServer> copies;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<VolumeId, Kept> kept = new HashMap<>(); // guarded by the lock

  /** What there is of a volume; guarded by the lock. */
  private static final class Kept {
    final Path socket;
    final InitFile init;
    final Descriptor listener;
    Optional<EventLoop.Registration> listening = Optional.empty();
    Optional<Descriptor> fuse = Optional.empty();

    Kept(Path socket, InitFile init, Descriptor listener) {
      this.socket = socket;
      this.init = init;
      this.listener = listener;
    }
  }

  /**
   * @param copies where the holder of second copies connects; without it there are none
   */
  public DescriptorKeeper(Optional<Path> copies) {
    this.sockets = new UnixSockets();
    this.descriptors = new Descriptors();
    this.events = new EventLoop("descriptors", descriptors);
    this.dummy = descriptors.nothing();
    this.copies = copies.map(path -> new CopyServer(path, sockets, events, new CopiesOwner()));
  }

  /**
   * Serves a volume's descriptor at a socket, in place of one that was left there. Nothing when it
   * is served there already.
   *
   * @param init the file for the bytes of INIT, which a later run of the program needs, too
   */
  public void serve(VolumeId volume, Path socket, Path init) {
    lock.lock();
    try {
      if (!kept.containsKey(volume)) {
        var fresh = new Kept(socket, new InitFile(init), sockets.listen(Kind.STREAM, socket));
        kept.put(volume, fresh);
        fresh.listening = Optional.of(events.register(fresh.listener, _ -> accept(volume, fresh)));
        claim(volume);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Whether the volume's descriptor is here, with all that another process needs. */
  public boolean holds(VolumeId volume) {
    lock.lock();
    try {
      return held(volume).isPresent();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes the descriptor from the process that serves the mount, unless it is here. It does nothing
   * when the process has none, or has ended; the volume must be served here.
   */
  public void takeFrom(VolumeId volume, long pid) {
    if (holds(volume)) {
      return;
    }
    try (Descriptor process = descriptors.process(pid)) {
      descriptors
          .fuseDeviceOf(process, pid)
          .ifPresentOrElse(
              fuse -> take(volume, fuse),
              () -> LOG.warn("volume {}: juicefs {} has no FUSE device", volume, pid));
    } catch (KernelException | UncheckedIOException e) {
      LOG.warn(
          "volume {}: can't take the descriptor from juicefs {}: {}", volume, pid, e.toString());
    }
  }

  /**
   * Has the kernel ask again what a process that has ended had taken and not answered.
   *
   * @return whether it did; a kernel before 6.9 lets such requests fail with EINTR after seconds
   */
  public boolean resend(VolumeId volume) {
    lock.lock();
    try {
      return held(volume).filter(descriptors::resend).isPresent();
    } finally {
      lock.unlock();
    }
  }

  /** Closes the descriptor, and has its copies closed; serves the volume no more. */
  public void drop(VolumeId volume) {
    lock.lock();
    try {
      Kept gone = kept.remove(volume);
      if (gone != null) {
        close(gone);
        gone.init.remove();
        Files.deleteIfExists(gone.socket);
      }
      copies.ifPresent(server -> server.drop(volume));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      lock.unlock();
    }
  }

  /** All volumes that there are have been served: copies of others are to be closed. */
  public void settled() {
    copies.ifPresent(CopyServer::settled);
  }

  /** Calls once, as soon as a process has ended; also one that is no child, or ended before. */
  public void watch(long pid, Runnable ended) {
    Descriptor process;
    try {
      process = descriptors.process(pid);
    } catch (KernelException e) {
      ended.run(); // there is none
      return;
    }
    events.register(
        process,
        watch -> {
          watch.close();
          process.close();
          ended.run();
        });
  }

  /** Closes all descriptors; whoever has copies keeps the mounts alive. Sockets stay. */
  @Override
  public void close() {
    lock.lock();
    try {
      kept.values().forEach(DescriptorKeeper::close);
      kept.clear();
      copies.ifPresent(CopyServer::close);
      dummy.close();
    } finally {
      lock.unlock();
      events.close();
    }
  }

  private static void close(Kept gone) {
    gone.listening.ifPresent(EventLoop.Registration::close);
    gone.listener.close();
    gone.fuse.ifPresent(Descriptor::close);
    gone.fuse = Optional.empty();
  }

  private Optional<Descriptor> held(VolumeId volume) {
    Kept of = kept.get(volume);
    return of == null || !of.init.isThere() ? Optional.empty() : of.fuse;
  }

  private final class CopiesOwner implements CopyServer.Owner {
    @Override
    public void offered(VolumeId volume) {
      lock.lock();
      try {
        if (kept.containsKey(volume)) {
          claim(volume);
        }
      } finally {
        lock.unlock();
      }
    }

    @Override
    public void complete(CopyServer.Holder holder) {
      lock.lock();
      try {
        kept.forEach((volume, of) ->
            of.fuse.ifPresent(
                fuse -> copies.ifPresent(server -> server.keep(holder, volume, fuse))));
      } finally {
        lock.unlock();
      }
    }
  }

  private void claim(VolumeId volume) {
    copies.flatMap(server -> server.claim(volume)).ifPresent(copy -> take(volume, copy));
  }

  /** Keeps the first one of a mount that is there, and closes others. */
  private void take(VolumeId volume, Descriptor fuse) {
    lock.lock();
    try {
      Kept of = kept.get(volume);
      if (of == null || of.fuse.isPresent() || !descriptors.isConnected(fuse)) {
        fuse.close();
      } else {
        of.fuse = Optional.of(fuse);
        copies.ifPresent(server -> server.keep(volume, fuse));
      }
    } finally {
      lock.unlock();
    }
  }

  private void accept(VolumeId volume, Kept at) {
    sockets
        .accept(at.listener)
        .ifPresent(connection -> {
          try {
            greet(volume, at, connection);
          } catch (KernelException e) {
            connection.close(); // it is gone already
            return;
          }
          events.register(
              connection,
              answering -> {
                if (hasEnded(volume, at, connection)) {
                  answering.close();
                  connection.close();
                }
              });
        });
  }

  private void greet(VolumeId volume, Kept at, Descriptor connection) {
    lock.lock();
    try {
      if (kept.get(volume) == at && held(volume).isPresent()) {
        sockets.send(connection, at.init.read(), List.of(dummy, at.fuse.orElseThrow()));
      } else {
        sockets.send(connection, NONE_YET, List.of(dummy));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      lock.unlock();
    }
  }

  /** Deals with what the process answers; it answers once. */
  private boolean hasEnded(VolumeId volume, Kept at, Descriptor connection) {
    Optional<Received> received;
    try {
      received = sockets.receive(connection);
    } catch (KernelException e) {
      return true;
    }
    received.filter(it -> !it.isEnd()).ifPresent(it -> put(volume, at, it));
    return received.isPresent();
  }

  private void put(VolumeId volume, Kept at, Received received) {
    List<Descriptor> brought = received.descriptors();
    boolean isFuse = brought.size() == 1 && !received.bytes().equals(TAKEN);
    lock.lock();
    try {
      if (isFuse && kept.get(volume) == at && at.fuse.isEmpty()) {
        at.init.write(received.bytes().getBytes(StandardCharsets.ISO_8859_1));
        take(volume, brought.getFirst());
      } else {
        brought.forEach(Descriptor::close);
      }
    } catch (IOException e) {
      brought.forEach(Descriptor::close);
      LOG.error("volume {}: its descriptor can't be kept: {}", volume, e.toString());
    } finally {
      lock.unlock();
    }
  }
}
