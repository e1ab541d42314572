package io.juicebox.node.kernel;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Unix sockets that carry descriptors beside bytes (SCM_RIGHTS, unix(7)), which Java's don't. No
 * call blocks: what can't be done now is refused with EAGAIN. The layouts are those of 64-bit
 * Linux.
 */
public final class UnixSockets {
  /** How bytes arrive. */
  public enum Kind {
    STREAM(1),
    /** Each message as it was sent. */
    MESSAGES(5);

    private final int type;

    Kind(int type) {
      this.type = type;
    }
  }

  /**
   * What came in one call.
   *
   * @param bytes a character each, as ISO 8859-1 has them; none at the end
   * @param descriptors the receiver closes them
   */
  public record Received(String bytes, List<Descriptor> descriptors) {
    /** Whether the other side has closed. */
    public boolean isEnd() {
      return bytes.isEmpty() && descriptors.isEmpty();
    }
  }

  /** The bytes of a path that fit into sockaddr_un, with its final NUL. */
  private static final int ADDRESS_BYTES = 108;

  private static final int AF_UNIX = 1;
  private static final int CLOEXEC_NONBLOCK = 0x80000 | 0x800;
  private static final int MSG_NOSIGNAL_DONTWAIT = 0x4000 | 0x40;
  private static final int MSG_CMSG_CLOEXEC_DONTWAIT = 0x40000000 | 0x40;
  private static final int SOL_SOCKET = 1;
  private static final int SCM_RIGHTS = 1;
  private static final int BACKLOG = 16;
  private static final int HEADER_BYTES = 56; // struct msghdr
  private static final int CONTROL_HEADER_BYTES = 16; // struct cmsghdr
  private static final int MOST_BYTES = 4096;
  private static final int MOST_DESCRIPTORS = 8;

  private final MethodHandle socket = Native.handle("socket", JAVA_INT, JAVA_INT, JAVA_INT);
  private final MethodHandle bind = Native.handle("bind", JAVA_INT, ADDRESS, JAVA_INT);
  private final MethodHandle listen = Native.handle("listen", JAVA_INT, JAVA_INT);
  private final MethodHandle connect = Native.handle("connect", JAVA_INT, ADDRESS, JAVA_INT);
  private final MethodHandle accept4 =
      Native.handle("accept4", JAVA_INT, ADDRESS, ADDRESS, JAVA_INT);
  private final MethodHandle sendmsg = Native.sized("sendmsg", JAVA_INT, ADDRESS, JAVA_INT);
  private final MethodHandle recvmsg = Native.sized("recvmsg", JAVA_INT, ADDRESS, JAVA_INT);

  private interface Addressed {
    int call(MemorySegment errno, int fd, MemorySegment address, int length) throws Throwable;
  }

  /** Whether a path is short enough for a socket. */
  public static boolean fits(Path path) {
    return path.toString().getBytes(StandardCharsets.UTF_8).length < ADDRESS_BYTES;
  }

  /** Listens at a path, in place of a socket that was left there; only its owner may connect. */
  public Descriptor listen(Kind kind, Path path) {
    try {
      Files.deleteIfExists(path);
      Descriptor server = open(kind, path, "bind", bind::invokeExact);
      try (Arena arena = Arena.ofConfined()) {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
        MemorySegment errno = Native.errno(arena);
        int result = server.use(fd -> listen(errno, fd)).orElseThrow();
        Native.check(result, errno, "listen", path);
        return server;
      } catch (IOException | RuntimeException e) {
        server.close();
        throw e;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Connects; ENOENT and ECONNREFUSED when nobody listens. */
  public Descriptor connect(Kind kind, Path path) {
    return open(kind, path, "connect", connect::invokeExact);
  }

  /** The next connection; empty when nobody waits. */
  public Optional<Descriptor> accept(Descriptor server) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment errno = Native.errno(arena);
      return server.use(fd -> accept(errno, fd)).filter(fd -> fd >= 0).map(Descriptor::new);
    }
  }

  /**
   * Sends bytes, of which there must be one at least, and copies of descriptors.
   *
   * @throws KernelException EAGAIN when the other side does not read, EPIPE when it is gone, EBADF
   *     when one of the descriptors is closed
   */
  public void send(Descriptor connection, byte[] bytes, List<Descriptor> descriptors) {
    send(connection, bytes, descriptors, new ArrayList<>());
  }

  /** Uses each descriptor inside the use of the one before, so that all stay open. */
  private void send(
      Descriptor connection, byte[] bytes, List<Descriptor> rest, List<Integer> numbers) {
    if (rest.isEmpty()) {
      if (connection.use(fd -> send(fd, bytes, numbers)).isEmpty()) {
        throw new KernelException("sendmsg", "closed", Errno.EBADF);
      }
      return;
    }
    var used =
        rest.getFirst()
            .use(number -> {
              numbers.add(number);
              send(connection, bytes, rest.subList(1, rest.size()), numbers);
              return true;
            });
    if (used.isEmpty()) {
      throw new KernelException("sendmsg", "closed", Errno.EBADF);
    }
  }

  /**
   * Receives what is there.
   *
   * @return empty when nothing is there yet
   * @throws KernelException ECONNRESET when the other side ended without reading
   */
  public Optional<Received> receive(Descriptor connection) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment errno = Native.errno(arena);
      MemorySegment bytes = arena.allocate(MOST_BYTES);
      MemorySegment control =
          arena.allocate(CONTROL_HEADER_BYTES + MOST_DESCRIPTORS * Integer.BYTES, Long.BYTES);
      MemorySegment header = header(arena, bytes, control);
      long count =
          connection
              .use(fd -> receive(errno, fd, header))
              .orElseThrow(() -> new KernelException("recvmsg", "closed", Errno.EBADF));
      if (count < 0 && Native.read(errno).equals(Errno.EAGAIN)) {
        return Optional.empty();
      }
      Native.check(count, errno, "recvmsg", connection);
      return Optional.of(
          new Received(
              new String(bytes.asSlice(0, count).toArray(JAVA_BYTE), StandardCharsets.ISO_8859_1),
              received(header, control)));
    }
  }

  private static List<Descriptor> received(MemorySegment header, MemorySegment control) {
    var found = new ArrayList<Descriptor>();
    // One call carries one control message: that of the one send it takes.
    boolean rights =
        header.get(JAVA_LONG, 40) >= CONTROL_HEADER_BYTES
            && control.get(JAVA_INT, 8) == SOL_SOCKET
            && control.get(JAVA_INT, 12) == SCM_RIGHTS;
    long count = rights ? (control.get(JAVA_LONG, 0) - CONTROL_HEADER_BYTES) / Integer.BYTES : 0;
    for (int i = 0; i < count; i++) {
      found.add(new Descriptor(control.get(JAVA_INT, CONTROL_HEADER_BYTES + i * 4L)));
    }
    return found;
  }

  private Descriptor open(Kind kind, Path path, String call, Addressed function) {
    byte[] name = path.toString().getBytes(StandardCharsets.UTF_8);
    if (name.length >= ADDRESS_BYTES) {
      throw new IllegalArgumentException(
          "the socket's path needs %d bytes, the kernel takes %d: %s"
              .formatted(name.length, ADDRESS_BYTES - 1, path));
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment errno = Native.errno(arena);
      int fd = (int) socket.invokeExact(errno, AF_UNIX, kind.type | CLOEXEC_NONBLOCK, 0);
      Native.check(fd, errno, "socket", path);
      var opened = new Descriptor(fd);
      MemorySegment address = arena.allocate(2 + ADDRESS_BYTES, Short.BYTES);
      address.set(JAVA_SHORT, 0, (short) AF_UNIX);
      MemorySegment.copy(name, 0, address, JAVA_BYTE, 2, name.length);
      int result = function.call(errno, fd, address, 2 + ADDRESS_BYTES);
      if (result < 0) {
        opened.close();
      }
      Native.check(result, errno, call, path);
      return opened;
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  private int listen(MemorySegment errno, int fd) {
    try {
      return (int) listen.invokeExact(errno, fd, BACKLOG);
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  private int accept(MemorySegment errno, int fd) {
    try {
      MemorySegment none = MemorySegment.NULL;
      return (int) accept4.invokeExact(errno, fd, none, none, CLOEXEC_NONBLOCK);
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  private long receive(MemorySegment errno, int fd, MemorySegment header) {
    try {
      return (long) recvmsg.invokeExact(errno, fd, header, MSG_CMSG_CLOEXEC_DONTWAIT);
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  private boolean send(int fd, byte[] bytes, List<Integer> numbers) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment errno = Native.errno(arena);
      MemorySegment payload = arena.allocateFrom(JAVA_BYTE, bytes);
      long control = CONTROL_HEADER_BYTES + (long) numbers.size() * Integer.BYTES;
      MemorySegment rights =
          numbers.isEmpty()
              ? MemorySegment.NULL
              : arena.allocate((control + Long.BYTES - 1) / Long.BYTES * Long.BYTES, Long.BYTES);
      if (!numbers.isEmpty()) {
        rights.set(JAVA_LONG, 0, control);
        rights.set(JAVA_INT, 8, SOL_SOCKET);
        rights.set(JAVA_INT, 12, SCM_RIGHTS);
        for (int i = 0; i < numbers.size(); i++) {
          rights.set(JAVA_INT, CONTROL_HEADER_BYTES + i * 4L, numbers.get(i));
        }
      }
      MemorySegment header = header(arena, payload, rights);
      long sent = (long) sendmsg.invokeExact(errno, fd, header, MSG_NOSIGNAL_DONTWAIT);
      Native.check(sent, errno, "sendmsg", "");
      return true;
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  private static MemorySegment header(Arena arena, MemorySegment bytes, MemorySegment control) {
    MemorySegment vector = arena.allocate(16, Long.BYTES);
    vector.set(ADDRESS, 0, bytes);
    vector.set(JAVA_LONG, 8, bytes.byteSize());
    MemorySegment header = arena.allocate(HEADER_BYTES, Long.BYTES);
    header.set(ADDRESS, 16, vector);
    header.set(JAVA_LONG, 24, 1);
    header.set(ADDRESS, 32, control);
    header.set(JAVA_LONG, 40, control.equals(MemorySegment.NULL) ? 0 : control.byteSize());
    return header;
  }
}
