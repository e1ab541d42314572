package io.juicebox.csi.server;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

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
    int length = socket.toString().getBytes(StandardCharsets.UTF_8).length;
    if (length > LONGEST) {
      throw new IllegalArgumentException(
          "the socket's path has %d bytes, the kernel takes %d: %s"
              .formatted(length, LONGEST, socket));
    }
  }

  /** Reads {@code unix:///absolute/path}; the scheme may be left out. */
  public static Endpoint parse(String text) {
    return new Endpoint(Path.of(text.startsWith(SCHEME) ? text.substring(SCHEME.length()) : text));
  }

  @Override
  public String toString() {
    return SCHEME + socket;
  }
}
