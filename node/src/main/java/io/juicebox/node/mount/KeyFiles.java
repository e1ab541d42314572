package io.juicebox.node.mount;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.juicebox.csi.volume.BackendConnection;
import io.juicebox.csi.volume.VolumeId;
import io.juicebox.node.kernel.PrivateDirectory;
import io.juicebox.node.kernel.PrivateFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
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
  private final Path formers;
  private final Path tls;

  KeyFiles(Path runDir) {
    try {
      Path own = PrivateDirectory.make(runDir);
      this.directory = PrivateDirectory.make(own.resolve("keys"));
      this.formers = PrivateDirectory.make(own.resolve("former-keys"));
      this.tls = PrivateDirectory.make(own.resolve("tls"));
    } catch (IOException e) {
      throw new UncheckedIOException("can't make " + runDir, e);
    }
  }

  /** What a volume's process reads of them by itself. */
  TlsFiles tls(VolumeId volume) {
    return new TlsFiles(tls.resolve(volume.value()));
  }

  /** Those that a process is started with now. */
  void put(VolumeId volume, BackendConnection keys) throws IOException {
    write(volume, keys);
    PrivateFile.remove(formers.resolve(volume.value()));
  }

  /** Those that the next process is started with; what the present one has is known until then. */
  void putNext(VolumeId volume, BackendConnection keys) throws IOException {
    Path present = directory.resolve(volume.value());
    Path former = formers.resolve(volume.value());
    if (Files.exists(present) && !Files.exists(former)) {
      PrivateFile.replace(former, Files.readAllBytes(present));
    }
    write(volume, keys);
  }

  private void write(VolumeId volume, BackendConnection keys) throws IOException {
    tls(volume).write(keys);
    PrivateFile.replace(directory.resolve(volume.value()), JSON.writeValueAsBytes(keys.toKeys()));
  }

  /** Empty when there are none that can be read; the next publication brings them again. */
  Optional<BackendConnection> get(VolumeId volume) {
    return read(volume, directory);
  }

  /** Those that the present process has, where the next one gets others. */
  Optional<BackendConnection> former(VolumeId volume) {
    return read(volume, formers);
  }

  private static Optional<BackendConnection> read(VolumeId volume, Path directory) {
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
    PrivateFile.remove(formers.resolve(volume.value()));
    PrivateFile.remove(directory.resolve(volume.value()));
  }

  Set<VolumeId> volumes() {
    var all = new TreeSet<>(VolumeDirectories.volumesIn(directory));
    all.addAll(VolumeDirectories.volumesIn(formers));
    all.addAll(VolumeDirectories.volumesIn(tls));
    return all;
  }
}
