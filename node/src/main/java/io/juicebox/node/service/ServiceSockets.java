package io.juicebox.node.service;

import io.juicebox.csi.server.Endpoint;
import io.juicebox.csi.settings.SettingsReader;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The sockets at which a node plugin and its mount service meet: {@code MOUNT_SERVICE_DIR}, a
 * directory that both see, and that only root may enter.
 */
public record ServiceSockets(Path directory) {
  static final String SETTING = "MOUNT_SERVICE_DIR";

  public ServiceSockets {
    // Says so now when the kernel would not take the path.
    var _ = new Endpoint(directory.resolve("descriptors.sock"));
  }

  /** Empty where the setting is missing; a mistake is the reader's to tell. */
  public static Optional<ServiceSockets> from(SettingsReader reader) {
    return reader.parsed(SETTING, text -> new ServiceSockets(Path.of(text)));
  }

  /** Where the service listens for calls. */
  public Path calls() {
    return directory.resolve("mount.sock");
  }

  /** Where the service hands out second copies of the mounts' file descriptors. */
  public Path descriptors() {
    return directory.resolve("descriptors.sock");
  }
}
