package io.juicebox.csi.credential;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.juicebox.csi.settings.SettingsReader;
import io.juicebox.csi.status.DriverException.BackendUnavailable;
import io.juicebox.csi.volume.VolumeId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * A directory with a file for each volume, named by its id, that only its owner may read: the keys
 * of the node-publish secret as a JSON object. A file is there whole or not at all, and has reached
 * the disk when a method returns.
 *
 * <p>Failures are {@link BackendUnavailable}: the disk is full, the directory was taken away.
 */
public final class CredentialDirectory {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final FileAttribute<Set<PosixFilePermission>> OWN_FILE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
  private static final FileAttribute<Set<PosixFilePermission>> OWN_DIRECTORY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  /** Its owner is who we are. */
  private static final Path OURSELVES = Path.of("/proc/self");

  private final Path directory;

  private CredentialDirectory(Path directory) {
    this.directory = directory;
  }

  /** That of the setting {@code CREDENTIALS_DIR}, if it is set. */
  public static Optional<CredentialDirectory> from(SettingsReader reader) {
    if (reader.text("CREDENTIALS_DIR").isEmpty()) {
      return Optional.empty();
    }
    Path directory = reader.directory("CREDENTIALS_DIR", Path.of("/"));
    return directory.getNameCount() == 0
        ? Optional.empty() // a mistake, which the reader has noted
        : reader.parsed("CREDENTIALS_DIR", _ -> in(directory));
  }

  /**
   * Takes a directory, and makes it if it is not there.
   *
   * @throws IllegalArgumentException saying what is wrong with it
   */
  static CredentialDirectory in(Path directory) {
    try {
      if (!Files.isDirectory(directory)) {
        Files.createDirectories(directory, OWN_DIRECTORY);
      }
      if (!OWN_DIRECTORY.value().containsAll(Files.getPosixFilePermissions(directory))) {
        throw new IllegalArgumentException("can be entered by others: chmod 700 " + directory);
      }
      if (!Files.getOwner(directory).equals(Files.getOwner(OURSELVES))) {
        throw new IllegalArgumentException("belongs to another user: chown " + directory);
      }
    } catch (IOException e) {
      throw new IllegalArgumentException("can't be used: " + e, e);
    }
    return new CredentialDirectory(directory);
  }

  /**
   * Keeps a volume's keys, unless there are some.
   *
   * @return those that are kept now
   */
  public Map<String, String> keep(VolumeId volume, Map<String, String> keys) {
    Path file = file(volume);
    try {
      Path fresh = directory.resolve(temporary(volume) + UUID.randomUUID());
      try {
        write(fresh, keys);
        Files.createLink(file, fresh);
      } catch (FileAlreadyExistsException | NoSuchFileException e) {
        // Another was first, and has removed what was not whole yet: what is read below counts.
      } finally {
        Files.deleteIfExists(fresh);
      }
      removeTemporary(volume);
      sync();
      return read(file);
    } catch (IOException e) {
      throw failed(e);
    }
  }

  /** Keeps a volume's keys in place of those that are there. */
  public void replace(VolumeId volume, Map<String, String> keys) {
    try {
      Path fresh = directory.resolve(temporary(volume) + UUID.randomUUID());
      try {
        write(fresh, keys);
        Files.move(fresh, file(volume), StandardCopyOption.ATOMIC_MOVE);
      } finally {
        Files.deleteIfExists(fresh);
      }
      removeTemporary(volume);
      sync();
    } catch (IOException e) {
      throw failed(e);
    }
  }

  public Optional<Map<String, String>> find(VolumeId volume) {
    try {
      return Optional.of(read(file(volume)));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw failed(e);
    }
  }

  /** Does nothing when there are none. */
  public void remove(VolumeId volume) {
    try {
      removeTemporary(volume);
      Files.deleteIfExists(file(volume));
      sync();
    } catch (IOException e) {
      throw failed(e);
    }
  }

  /** What attempts left that were cut off. */
  private void removeTemporary(VolumeId volume) throws IOException {
    try (var all = Files.newDirectoryStream(directory, temporary(volume) + "*")) {
      for (Path left : all) {
        Files.deleteIfExists(left);
      }
    }
  }

  private Path file(VolumeId volume) {
    return directory.resolve(volume.value());
  }

  /** What the name of a file begins with that is not whole yet. */
  private static String temporary(VolumeId volume) {
    return "." + volume.value();
  }

  private static void write(Path file, Map<String, String> keys) throws IOException {
    var options = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    try (var channel = FileChannel.open(file, options, OWN_FILE)) {
      ByteBuffer content = UTF_8.encode(JSON.writeValueAsString(keys));
      while (content.hasRemaining()) {
        channel.write(content);
      }
      channel.force(true);
    }
  }

  private static Map<String, String> read(Path file) throws IOException {
    try {
      return JSON.readValue(Files.readString(file), new TypeReference<Map<String, String>>() {});
    } catch (JsonProcessingException e) {
      throw new IOException(file + " is not what the controller writes"); // its text has the keys
    }
  }

  private void sync() throws IOException {
    try (var channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private BackendUnavailable failed(IOException e) {
    return new BackendUnavailable("the directory of credentials " + directory, e.toString(), e);
  }
}
