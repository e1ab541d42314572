package io.juicebox.csi.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;

/** A socket in a folder that is the program's own, and made if it is missing. */
final class OwnSocket implements SocketPlace {
  private static final FileAttribute<?> OWNERS =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  private final Path socket;
  private final Path room;

  OwnSocket(Endpoint endpoint) {
    this(endpoint.socket(), endpoint.birthplace());
  }

  /**
   * @param room the folder to be made for the birth, beside the socket; gone afterwards
   */
  OwnSocket(Path socket, Path room) {
    this.socket = socket;
    this.room = room;
  }

  @Override
  public Path birthplace() {
    return room.resolve("s");
  }

  /**
   * Binds in a folder that nobody else can enter, sets the mode and only then gives the socket its
   * path. A socket is bound with the mode that the umask leaves, so that for a moment everybody
   * might connect; and Java can't set the umask.
   */
  @Override
  public void show(Bind bind) throws IOException {
    Path folder = Objects.requireNonNull(socket.getParent());
    if (Files.notExists(folder)) {
      Files.createDirectories(folder, OWNERS);
    }
    SocketFile.refuseLiving(socket);
    Files.deleteIfExists(socket);
    Files.createDirectory(room, OWNERS);
    try {
      bind.bind();
      SocketFile.makePrivate(birthplace());
      Files.createLink(socket, birthplace()); // fails where a rival was faster, unlike a rename
    } finally {
      Files.deleteIfExists(birthplace());
      Files.delete(room);
    }
  }

  @Override
  public void remove() {
    SocketFile.remove(socket);
  }
}
