package io.juicebox.test.stack;

import io.juicebox.test.server.FreePort;
import io.juicebox.test.server.Tools;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What runs for one node.
 *
 * @param mounts the mount service; empty where the plugin starts the juicefs processes itself
 */
record NodeProcesses(DriverProcess plugin, Optional<DriverProcess> mounts) {
  private static final String MOUNTS = "-mounts";

  /** Starts them; a plugin needs no service to start, but its first calls do. */
  static NodeProcesses start(
      Path home, String name, Map<String, String> changes, boolean mountService) {
    var settings = new TreeMap<String, String>();
    settings.put("NODE_ID", name);
    settings.put("STATE_DIR", home.resolve(name).toString());
    settings.put("RUN_DIR", home.resolve(name).resolve("run").toString());
    settings.put("JUICEFS", Tools.program("juicefs").toString());
    settings.put(StackBuilder.CREDENTIALS, LocalStack.credentials(home).toString());
    settings.putAll(changes);
    if (!mountService) {
      return new NodeProcesses(launch(home, name, Program.NODE, settings), Optional.empty());
    }
    var mounts = launch(home, name + MOUNTS, Program.MOUNT_SERVICE, settings);
    settings.put("MOUNT_SERVICE_DIR", mounts.setting("MOUNT_SERVICE_DIR"));
    return new NodeProcesses(launch(home, name, Program.NODE, settings), Optional.of(mounts));
  }

  /** What an earlier JVM started, if all of it runs. */
  static Optional<NodeProcesses> find(Path home, String name) {
    var mounts = DriverProcess.find(name + MOUNTS, home);
    return DriverProcess.find(name, home)
        .filter(plugin -> plugin.has("MOUNT_SERVICE_DIR") == mounts.isPresent())
        .map(plugin -> new NodeProcesses(plugin, mounts));
  }

  private static DriverProcess launch(
      Path home, String name, Program program, Map<String, String> settings) {
    var own = new TreeMap<>(settings);
    own.put("OPS_ADDRESS", "127.0.0.1:" + FreePort.find());
    StackBuilder.withHolds(home, name, own);
    return DriverProcess.start(name, home, program, own);
  }
}
