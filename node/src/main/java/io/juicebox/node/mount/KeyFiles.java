package io.juicebox.node.mount;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.juicebox.csi.volume.BackendConnection;
import io.juicebox.csi.volume.VolumeId;
import io.juicebox.node.kernel.PrivateFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys of the mounted volumes, for processes that take the place of others: a file of mode 0600
 * for each, in a directory that only root may enter and that is meant to lie in memory.
 */
final class KeyFiles {
  private static final Logger LOG = LoggerFactory.getLogger(KeyFiles.class);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path directory;

  KeyFiles(Path runDir) {
    try {
      this.directory = Files.createDirectories(runDir).resolve("keys");
      Files.createDirectories(directory);
      Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
    } catch (IOException e) {
      throw new UncheckedIOException("can't make " + runDir, e);
    }
  }

  void put(VolumeId volume, BackendConnection keys) throws IOException {
    PrivateFile.replace(directory.resolve(volume.value()), JSON.writeValueAsBytes(keys.toKeys()));
  }

  /** Empty when there are none that can be read; the next publication brings them again. */
  Optional<BackendConnection> get(VolumeId volume) {
    try {
      byte[] json = Files.readAllBytes(directory.resolve(volume.value()));
      Map<String, String> keys = JSON.readValue(json, new TypeReference<>() {});
      return Optional.of(BackendConnection.from("keys", keys));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException | RuntimeException e) {
      // Never the text itself: it may hold a key.
      LOG.warn("the keys of volume {} can't be read: {}", volume, e.getClass().getSimpleName());
      return Optional.empty();
    }
  }

  void remove(VolumeId volume) throws IOException {
    PrivateFile.remove(directory.resolve(volume.value()));
  }

  List<VolumeId> volumes() {
    return VolumeDirectories.volumesIn(directory);
  }
}
