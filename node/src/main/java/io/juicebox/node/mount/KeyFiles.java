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
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys of the mounted volumes, for processes that take the place of others: a file of mode 0600
 * for each, in a directory that only root may enter and that is meant to lie in memory. Beside it
 * is one with the {@link TlsFiles} of each volume that has any.
 */
final class KeyFiles {
  private static final Logger LOG = LoggerFactory.getLogger(KeyFiles.class);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path directory;
  private final Path tls;

  KeyFiles(Path runDir) {
    try {
      this.directory = privateDirectory(runDir.resolve("keys"));
      this.tls = privateDirectory(runDir.resolve("tls"));
    } catch (IOException e) {
      throw new UncheckedIOException("can't make " + runDir, e);
    }
  }

  private static Path privateDirectory(Path path) throws IOException {
    Files.createDirectories(path);
    return Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwx------"));
  }

  /** What a volume's process reads of them by itself. */
  TlsFiles tls(VolumeId volume) {
    return new TlsFiles(tls.resolve(volume.value()));
  }

  void put(VolumeId volume, BackendConnection keys) throws IOException {
    tls(volume).write(keys);
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
    tls(volume).remove();
    PrivateFile.remove(directory.resolve(volume.value()));
  }

  Set<VolumeId> volumes() {
    var all = new TreeSet<>(VolumeDirectories.volumesIn(directory));
    all.addAll(VolumeDirectories.volumesIn(tls));
    return all;
  }
}
