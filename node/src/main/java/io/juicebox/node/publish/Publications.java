package io.juicebox.node.publish;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.juicebox.csi.status.DriverException;
import io.juicebox.csi.volume.AccessMode;
import io.juicebox.csi.volume.MountOptions;
import io.juicebox.csi.volume.VolumeContext;
import io.juicebox.csi.volume.VolumeId;
import io.juicebox.node.kernel.PrivateFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What publications were asked to be: a file for each in {@code <directory>/<volume>/}, written
 * before anything is done at the target. Whether the publication is there is for the kernel's mount
 * table to say; a file alone proves nothing.
 *
 * <p>A file that can't be read, such as one that a power cut left empty, counts as absent. Callers
 * hold the claim on the volume.
 */
public final class Publications {
  private static final Logger LOG = LoggerFactory.getLogger(Publications.class);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String SUFFIX = ".json";

  private final Path directory;

  public Publications(Path directory) {
    this.directory = directory;
  }

  /** All of a volume. */
  List<Publication> of(VolumeId volume) {
    var found = new ArrayList<Publication>();
    for (Path file : entries(directory.resolve(volume.value()))) {
      if (file.toString().endsWith(SUFFIX)) {
        read(volume, file).ifPresent(found::add);
      }
    }
    return found;
  }

  /** What a call on a target of a volume asked for. */
  Optional<Arguments> at(VolumeId volume, Path target) {
    return read(volume, file(volume, target))
        .filter(publication -> publication.target().equals(target))
        .map(Publication::arguments);
  }

  /** The volumes that have or had a publication. */
  List<VolumeId> volumes() {
    return entries(directory).stream()
        .flatMap(entry -> VolumeId.tryParse(String.valueOf(entry.getFileName())).stream())
        .toList();
  }

  /** Writes a publication's file, in place of the one that was there. */
  void put(Publication publication) {
    Path file = file(publication.volume(), publication.target());
    try {
      Files.createDirectories(directory.resolve(publication.volume().value()));
      PrivateFile.replace(file, JSON.writeValueAsBytes(fields(publication)));
    } catch (IOException e) {
      throw new DriverException.Failed("can't write the node's state: " + e, e);
    }
  }

  /** Removes a publication's file, if it is there. */
  void remove(VolumeId volume, Path target) {
    try {
      PrivateFile.remove(file(volume, target));
      Files.deleteIfExists(directory.resolve(volume.value()));
    } catch (DirectoryNotEmptyException e) {
      return; // other publications
    } catch (IOException e) {
      throw new DriverException.Failed("can't remove the node's state: " + e, e);
    }
  }

  /**
   * Removes a volume's files of before an instant that are of no use: those that can't be read, and
   * those whose target is gone.
   */
  void clean(VolumeId volume, Instant before, Predicate<Path> gone) {
    Path folder = directory.resolve(volume.value());
    try {
      for (Path file : entries(folder)) {
        boolean isOld = Files.getLastModifiedTime(file).toInstant().isBefore(before);
        if (isOld && read(volume, file).map(Publication::target).filter(gone.negate()).isEmpty()) {
          LOG.info("{}, a publication of volume {} that is no more, is removed", file, volume);
          Files.deleteIfExists(file);
        }
      }
      Files.deleteIfExists(folder);
    } catch (DirectoryNotEmptyException e) {
      return; // some are of use
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path file(VolumeId volume, Path target) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256")
              .digest(target.toString().getBytes(StandardCharsets.UTF_8));
      return directory
          .resolve(volume.value())
          .resolve(HexFormat.of().formatHex(digest, 0, 16) + SUFFIX);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static List<Path> entries(Path folder) {
    try (var entries = Files.list(folder)) {
      return entries.toList();
    } catch (NoSuchFileException | NotDirectoryException e) {
      return List.of();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Map<String, Object> fields(Publication publication) {
    Arguments arguments = publication.arguments();
    var fields = new LinkedHashMap<String, Object>();
    fields.put("target", publication.target().toString());
    fields.put("mode", arguments.mode().name());
    fields.put("readOnly", arguments.readOnly());
    fields.put("flags", new TreeSet<>(arguments.options().flags()));
    fields.put("juicefs", arguments.options().juicefs());
    fields.put("context", arguments.context().toMap());
    arguments.group().ifPresent(group -> fields.put("group", group.gid()));
    return fields;
  }

  private static Optional<Publication> read(VolumeId volume, Path file) {
    try {
      return Optional.of(parse(volume, JSON.readTree(Files.readAllBytes(file))));
    } catch (NoSuchFileException | NotDirectoryException e) {
      return Optional.empty();
    } catch (IOException | IllegalArgumentException | DriverException e) {
      LOG.warn("can't read {}, a publication of volume {}: {}", file, volume, e.toString());
      return Optional.empty();
    }
  }

  private static Publication parse(VolumeId volume, JsonNode json) throws JsonProcessingException {
    var flags = new TreeSet<MountOptions.Flag>();
    json.path("flags").forEach(flag -> flags.add(MountOptions.Flag.valueOf(flag.asText())));
    var options = new MountOptions(flags, new TreeMap<>(texts(json.path("juicefs"))));
    var arguments =
        new Arguments(
            AccessMode.valueOf(json.path("mode").asText()),
            json.path("readOnly").asBoolean(),
            options,
            VolumeContext.from(texts(json.path("context"))),
            json.has("group")
                ? Optional.of(new MountGroup(json.path("group").asLong()))
                : Optional.empty());
    return new Publication(volume, Path.of(json.path("target").asText()), arguments);
  }

  private static Map<String, String> texts(JsonNode object) {
    var texts = new LinkedHashMap<String, String>();
    object.properties().forEach(field -> texts.put(field.getKey(), field.getValue().asText()));
    return texts;
  }
}
