package io.juicebox.csi.server;

import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** What a server does with the file of its socket. */
final class SocketFile {
  /** {@code S_IFMT} and {@code S_IFSOCK}, see inode(7). */
  private static final int TYPE_MASK = 0170000;

  private static final int SOCKET_TYPE = 0140000;

  private SocketFile() {}

  /**
   * Makes sure that a path holds nothing but a socket that a killed process left.
   *
   * @throws IOException when the path holds anything else or somebody listens
   */
  static void refuseLiving(Path socket) throws IOException {
    if (!Files.exists(socket, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    int mode = (int) Files.getAttribute(socket, "unix:mode", LinkOption.NOFOLLOW_LINKS);
    if ((mode & TYPE_MASK) != SOCKET_TYPE) {
      throw new IOException(socket + " exists and is no socket; remove it or listen elsewhere");
    }
    if (isServed(socket)) {
      throw new IOException(socket + " is served by another process; stop it first");
    }
  }

  /** Only the owner may connect. */
  static void makePrivate(Path socket) throws IOException {
    Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-------"));
  }

  private static boolean isServed(Path socket) throws IOException {
    try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.configureBlocking(false); // a server that hangs may have a full backlog
      return channel.connect(UnixDomainSocketAddress.of(socket));
    } catch (ConnectException e) {
      return false; // nobody listens
    } catch (IOException e) {
      throw new IOException(
          "whether %s is served can't be told: %s".formatted(socket, e.getMessage()), e);
    }
  }

  /** Removes the socket; one that stays is stale and the next start removes it. */
  static void remove(Path socket) {
    try {
      Files.deleteIfExists(socket);
    } catch (IOException e) {
      // the folder is read-only or gone, and no client can tell the difference
    }
  }
}
