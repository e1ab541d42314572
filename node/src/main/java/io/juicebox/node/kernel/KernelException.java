package io.juicebox.node.kernel;

import io.juicebox.csi.status.Printable;

/** A system call that failed. */
public final class KernelException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Errno errno;

  public KernelException(String call, String path, Errno errno) {
    super("%s on %s: %s".formatted(call, Printable.of(path), errno));
    this.errno = errno;
  }

  public Errno errno() {
    return errno;
  }
}
