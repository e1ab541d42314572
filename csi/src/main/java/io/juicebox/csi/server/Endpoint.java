package io.juicebox.csi.server;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The unix socket that a program listens on, from {@code CSI_ENDPOINT}: {@code
 * unix:///run/csi.sock}.
 */
public record Endpoint(Path socket) {
  private static final String SCHEME = "unix://";

  /** The kernel's sockaddr_un holds 108 bytes with the final NUL. */
  private static final int LONGEST = 107;

  public Endpoint {
    if (!socket.isAbsolute()) {
      throw new IllegalArgumentException("the socket's path is not absolute: " + socket);
    }
    if (socket.getParent() == null) {
      throw new IllegalArgumentException("the socket's path is the root directory");
    }
    int length = Math.max(bytes(socket), bytes(socket.resolveSibling(".0000/s")));
    if (length > LONGEST) {
      throw new IllegalArgumentException(
          "the socket's path needs %d bytes, the kernel takes %d: %s"
              .formatted(length, LONGEST, socket));
    }
  }

  private static int bytes(Path path) {
    return path.toString().getBytes(StandardCharsets.UTF_8).length;
  }

  /** Reads {@code unix:///absolute/path}; the scheme may be left out. */
  public static Endpoint parse(String text) {
    return new Endpoint(Path.of(text.startsWith(SCHEME) ? text.substring(SCHEME.length()) : text));
  }

  /** A folder beside the socket, another one each time, where the socket is bound at first. */
  Path birthplace() {
    return socket.resolveSibling(".%04x".formatted(ThreadLocalRandom.current().nextInt(1 << 16)));
  }

  @Override
  public String toString() {
    return SCHEME + socket;
  }
}
