package io.juicebox.node.mount;

import io.juicebox.csi.volume.VolumeId;
import io.juicebox.node.kernel.PrivateDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The directory with one directory per volume.
 *
 * @param path without symbolic links, as the kernel's mount table spells it
 */
record VolumeDirectories(Path path) {

  /** Makes the directory {@code volumes} under a parent if it isn't there; only root may enter. */
  static VolumeDirectories under(Path parent) {
    try {
      return new VolumeDirectories(
          PrivateDirectory.make(PrivateDirectory.make(parent).resolve("volumes")));
    } catch (IOException e) {
      throw new UncheckedIOException("can't make " + parent, e);
    }
  }

  VolumeFiles of(VolumeId volume) {
    return new VolumeFiles(path.resolve(volume.value()));
  }

  /** The volumes that have a directory. */
  List<VolumeId> volumes() {
    return volumesIn(path);
  }

  /** The volume whose process writes to a file; of a file that was deleted, too. */
  Optional<VolumeId> volumeOfLog(Path file) {
    String name = file.toString().replaceFirst(" \\(deleted\\)$", "");
    Path home = Path.of(name).getParent();
    return home != null && path.equals(home.getParent())
        ? VolumeId.tryParse(String.valueOf(home.getFileName()))
        : Optional.empty();
  }

  /** The volumes that a directory has something of: what it names otherwise is not ours. */
  static List<VolumeId> volumesIn(Path directory) {
    if (Files.notExists(directory)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(directory)) {
      return entries
          .map(entry -> VolumeId.tryParse(entry.getFileName().toString()))
          .flatMap(Optional::stream)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
