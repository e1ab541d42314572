package io.juicebox.csi.server;

import java.io.IOException;
import java.nio.file.Path;

/** How the socket of a server comes to its path, and goes from there. */
public sealed interface SocketPlace permits OwnSocket, WatchedSocket {
  /** Binds a socket at its {@link #birthplace}. */
  @FunctionalInterface
  interface Bind {
    void bind() throws IOException;
  }

  /** Where the socket is bound before anybody can see it. */
  Path birthplace();

  /**
   * Has the socket bound and gives it its path, with mode 0600.
   *
   * @throws IOException when the path holds something that is no socket, or when another process
   *     serves it
   */
  void show(Bind bind) throws IOException;

  /** Removes the socket; one that stays is stale, and the next start replaces it. */
  void remove();
}
