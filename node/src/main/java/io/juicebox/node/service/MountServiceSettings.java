package io.juicebox.node.service;

import io.juicebox.csi.settings.SettingsReader;
import io.juicebox.node.mount.MountSettings;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/**
 * The settings of the mount service, from its environment.
 *
 * @param sockets {@code MOUNT_SERVICE_DIR}: the directory of its sockets
 * @param mounts {@code STATE_DIR}, {@code CACHE_DIR}, {@code JUICEFS}, {@code NODE_ID}, {@code
 *     FILESYSTEM_TIMEOUT} and those of {@link MountLimits}
 * @param operations {@code OPS_ADDRESS}: where metrics and health are served
 * @param backendTimeout {@code BACKEND_TIMEOUT}: for Redis to answer
 * @param gracePeriod {@code GRACE_PERIOD}: the time between SIGTERM and SIGKILL
 * @param handOver {@code HAND_OVER}: whether the juicefs processes leave when the service is
 *     stopped, because they would end with it; they do where it is the first process of a container
 */
record MountServiceSettings(
    ServiceSockets sockets,
    MountSettings mounts,
    InetSocketAddress operations,
    Duration backendTimeout,
    Duration gracePeriod,
    boolean handOver) {

  /** What stands for a directory that is wrong until that is told. */
  private static final ServiceSockets NOWHERE = new ServiceSockets(Path.of("/missing"));

  /**
   * Reads the environment.
   *
   * @throws io.juicebox.csi.settings.InvalidSettings with every mistake
   */
  static MountServiceSettings from(Map<String, String> environment) {
    var reader = new SettingsReader(environment);
    reader.required(ServiceSockets.SETTING, "");
    reader.required("STATE_DIR", "");
    var settings =
        new MountServiceSettings(
            ServiceSockets.from(reader).orElse(NOWHERE),
            mounts(reader),
            reader.address(
                "OPS_ADDRESS", new InetSocketAddress(InetAddress.getLoopbackAddress(), 9812)),
            reader.duration("BACKEND_TIMEOUT", Duration.ofSeconds(8)),
            reader.duration("GRACE_PERIOD", Duration.ofSeconds(60)),
            handOver(reader));
    reader.check();
    return settings;
  }

  private static MountSettings mounts(SettingsReader reader) {
    Path state = reader.directory("STATE_DIR", Path.of("/"));
    MountLimits limits = MountLimits.from(reader);
    return new MountSettings(
        state,
        reader.directory("CACHE_DIR", state.resolve("cache")),
        limits.runDirectory(),
        reader.text("JUICEFS").orElse("juicefs"),
        NodeIdSetting.read(reader),
        reader.duration("FILESYSTEM_TIMEOUT", Duration.ofSeconds(4)),
        limits.memoryLimit(),
        limits.reviveFor(),
        limits.hungAfter());
  }

  private static boolean handOver(SettingsReader reader) {
    boolean firstProcess = ProcessHandle.current().pid() == 1;
    return reader
        .parsed(
            "HAND_OVER",
            text ->
                switch (text) {
                  case "auto" -> firstProcess;
                  case "true" -> true;
                  case "false" -> false;
                  default -> throw new IllegalArgumentException("is none of auto, true and false");
                })
        .orElse(firstProcess);
  }
}
