package io.juicebox.test.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/** TCP ports on loopback that nobody uses at the moment. */
public final class FreePort {
  /** Those that were handed out, and may not be in use yet. */
  private static final Set<Integer> GIVEN = ConcurrentHashMap.newKeySet();

  private FreePort() {}

  /**
   * A port that was free a moment ago. It comes from outside the range that the kernel hands to
   * outgoing connections, so that a server can stop and come back to it.
   */
  public static int find() {
    for (var tries = 0; tries < 1000; tries++) {
      var port = 15_000 + ThreadLocalRandom.current().nextInt(15_000);
      try (var _ = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        if (GIVEN.add(port)) {
          return port;
        }
      } catch (IOException e) {
        // In use: the next one.
      }
    }
    throw new UncheckedIOException(new IOException("no free port between 15000 and 30000"));
  }
}
