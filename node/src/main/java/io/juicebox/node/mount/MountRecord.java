package io.juicebox.node.mount;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.juicebox.csi.volume.BackendConnection;
import io.juicebox.csi.volume.MountOptions;
import io.juicebox.csi.volume.VolumeContext;
import io.juicebox.csi.volume.VolumeId;
import io.juicebox.node.kernel.Deadline;
import io.juicebox.node.kernel.MountInfo;
import io.juicebox.node.kernel.PrivateFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
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
 * @param session JuiceFS's Sid of that process, none before it served
 * @param device of the mount, see {@link Mount#device}; none before it served
 * @param state where a process that was asked to leave puts, or has put, what its successor needs
 * @param outdated the process does not know what it would be started with now, and is to be
 *     restarted
 */
record MountRecord(
    VolumeId volume,
    VolumeContext context,
    SortedMap<String, String> options,
    Path cache,
    Optional<ProcessIdentity> process,
    OptionalLong session,
    Optional<String> device,
    Optional<Path> state,
    boolean outdated) {
  private static final Logger LOG = LoggerFactory.getLogger(MountRecord.class);
  private static final ObjectMapper JSON = new ObjectMapper();

  MountRecord {
    options = Collections.unmodifiableSortedMap(new TreeMap<>(options));
  }

  /** Of a mount that is about to be made. */
  static MountRecord planned(MountRequest request, Path caches) {
    return new MountRecord(
        request.volume(),
        request.context(),
        request.options().juicefs(),
        caches.resolve(request.volume().value()),
        Optional.empty(),
        OptionalLong.empty(),
        Optional.empty(),
        Optional.empty(),
        false);
  }

  /** A process was started that uses what its predecessor left. */
  MountRecord startedAs(ProcessIdentity started) {
    return new MountRecord(
        volume,
        context,
        options,
        cache,
        Optional.of(started),
        OptionalLong.empty(),
        Optional.empty(),
        Optional.empty(),
        false);
  }

  /** The process serves. */
  MountRecord serving(long sid, String of) {
    return new MountRecord(
        volume,
        context,
        options,
        cache,
        process,
        OptionalLong.of(sid),
        Optional.of(of),
        state,
        outdated);
  }

  /** The process has been asked to leave its state there. */
  MountRecord leaving(Path left) {
    return new MountRecord(
        volume, context, options, cache, process, session, device, Optional.of(left), outdated);
  }

  /** The process did not leave, and the restart that it was asked for is still due. */
  MountRecord staying() {
    return new MountRecord(
        volume, context, options, cache, process, session, device, Optional.empty(), true);
  }

  /** The process is to be restarted. */
  MountRecord due() {
    return new MountRecord(volume, context, options, cache, process, session, device, state, true);
  }

  /** The very process, when it runs and can be seen from here. */
  Optional<ProcessIdentity> running() {
    return process.filter(ProcessIdentity::isRunning);
  }

  /** What its next process is started with. */
  MountRequest request(BackendConnection keys, Deadline deadline) {
    return new MountRequest(
        volume, context, keys, new MountOptions(new TreeSet<>(), options), deadline);
  }

  /** What others may know of the mount; empty when no process was started for it. */
  Optional<Mount> mount(VolumeFiles files, MountInfo info) {
    return process.map(it ->
        new Mount(
            volume,
            files.mountPoint(),
            info.device(),
            context.uuid(),
            it.pid(),
            options,
            context.pvc()));
  }

  void write(VolumeFiles files) throws IOException {
    ObjectNode json = JSON.createObjectNode().put("volume", volume.value());
    context.toMap().forEach(json.putObject("context")::put);
    options.forEach(json.putObject("options")::put);
    json.put("cache", cache.toString());
    process.ifPresent(it -> it.write(json.putObject("process")));
    session.ifPresent(sid -> json.put("session", sid));
    device.ifPresent(of -> json.put("device", of));
    state.ifPresent(left -> json.put("state", left.toString()));
    json.put("outdated", outdated);
    PrivateFile.replace(files.record(), JSON.writeValueAsBytes(json));
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
        process.isObject() ? Optional.of(ProcessIdentity.of(process)) : Optional.empty(),
        json.has("session") ? OptionalLong.of(json.path("session").asLong()) : OptionalLong.empty(),
        json.has("device") ? Optional.of(json.path("device").asText()) : Optional.empty(),
        json.has("state") ? Optional.of(Path.of(json.path("state").asText())) : Optional.empty(),
        json.path("outdated").asBoolean());
  }

  private static SortedMap<String, String> texts(JsonNode object) {
    var map = new TreeMap<String, String>();
    for (Map.Entry<String, JsonNode> field : object.properties()) {
      map.put(field.getKey(), field.getValue().asText());
    }
    return map;
  }
}
