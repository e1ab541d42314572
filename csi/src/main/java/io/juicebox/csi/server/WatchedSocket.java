package io.juicebox.csi.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A socket in a folder that somebody else owns and watches, such as the kubelet's plugins_registry:
 * each appearance of the socket at its path is news there, and so is its removal. The folder must
 * be there.
 *
 * <p>The socket is bound under a name that begins with a dot, which watchers leave alone, and
 * renamed: it comes in place of one that a killed process left, without a moment in which there is
 * none. While it has that name its mode is what the umask leaves.
 */
public final class WatchedSocket implements SocketPlace {
  private final Path socket;
  private final Path hidden;
  private final ReentrantLock lock = new ReentrantLock(); // a removal is the end, whatever began
  private boolean removed;

  public WatchedSocket(Endpoint endpoint) {
    this.socket = endpoint.socket();
    this.hidden = socket.resolveSibling("." + socket.getFileName());
  }

  @Override
  public Path birthplace() {
    return hidden;
  }

  @Override
  public void show(Bind bind) throws IOException {
    SocketFile.refuseLiving(socket);
    Files.deleteIfExists(hidden);
    try {
      bind.bind();
      SocketFile.makePrivate(hidden);
      Files.move(hidden, socket, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException | RuntimeException e) {
      SocketFile.remove(hidden);
      throw e;
    }
  }

  /**
   * Lets the socket appear at its path once more, for a watcher that did not like what it saw.
   * After the removal it does nothing.
   *
   * @throws IOException when the socket is not there
   */
  public void showAgain() throws IOException {
    lock.lock();
    try {
      if (!removed) {
        Files.move(socket, hidden, StandardCopyOption.ATOMIC_MOVE);
        Files.move(hidden, socket, StandardCopyOption.ATOMIC_MOVE);
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void remove() {
    lock.lock();
    try {
      removed = true;
      SocketFile.remove(socket);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public String toString() {
    return socket.toString();
  }
}
