package io.juicebox.node.mount;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.juicebox.csi.volume.VolumeContext;
import io.juicebox.csi.volume.VolumeId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a node remembers of a mount, in a file beside it: enough to take it up or to remove it after
 * the program or the machine was restarted. It holds no secret.
 *
 * <p>The file is replaced as a whole and not synced: after the machine itself went down no mount is
 * left that it could describe.
 *
 * @param options the JuiceFS options of the PersistentVolume
 * @param cache the directory of the volume's cached blocks
 * @param process none before it was started
 */
record MountRecord(
    VolumeId volume,
    VolumeContext context,
    SortedMap<String, String> options,
    Path cache,
    Optional<ProcessIdentity> process) {
  private static final Logger LOG = LoggerFactory.getLogger(MountRecord.class);
  private static final ObjectMapper JSON = new ObjectMapper();

  MountRecord {
    options = Collections.unmodifiableSortedMap(new TreeMap<>(options));
  }

  MountRecord startedAs(ProcessIdentity started) {
    return new MountRecord(volume, context, options, cache, Optional.of(started));
  }

  void write(VolumeFiles files) throws IOException {
    ObjectNode json = JSON.createObjectNode().put("volume", volume.value());
    context.toMap().forEach(json.putObject("context")::put);
    options.forEach(json.putObject("options")::put);
    json.put("cache", cache.toString());
    process.ifPresent(it -> it.write(json.putObject("process")));
    Path fresh = files.freshRecord();
    Files.deleteIfExists(fresh);
    Files.createFile(
        fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.write(fresh, JSON.writeValueAsBytes(json));
    Files.move(fresh, files.record(), StandardCopyOption.ATOMIC_MOVE);
  }

  /** A volume's record; empty when there is none, or none that can be read. */
  static Optional<MountRecord> read(VolumeFiles files) {
    Path file = files.record();
    try {
      return Optional.of(of(JSON.readTree(Files.readAllBytes(file))));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException | RuntimeException e) {
      LOG.warn("{} can't be read and counts as absent: {}", file, e.toString());
      return Optional.empty();
    }
  }

  private static MountRecord of(JsonNode json) {
    JsonNode process = json.path("process");
    return new MountRecord(
        new VolumeId(json.path("volume").asText()),
        VolumeContext.from(texts(json.path("context"))),
        texts(json.path("options")),
        Path.of(json.path("cache").asText()),
        process.isObject() ? Optional.of(ProcessIdentity.of(process)) : Optional.empty());
  }

  private static SortedMap<String, String> texts(JsonNode object) {
    var map = new TreeMap<String, String>();
    for (Map.Entry<String, JsonNode> field : object.properties()) {
      map.put(field.getKey(), field.getValue().asText());
    }
    return map;
  }
}
