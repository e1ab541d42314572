package io.juicebox.node;

import io.juicebox.csi.identity.IdentityService;
import io.juicebox.csi.server.Endpoint;
import io.juicebox.csi.settings.SettingsReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * How the kubelet gets to know the driver.
 *
 * @param socket in {@code KUBELET_REGISTRATION_DIR}, the kubelet's folder plugins_registry
 * @param csiSocket {@code KUBELET_CSI_ENDPOINT}: the socket of the Node service as the kubelet sees
 *     it; the path of {@code CSI_ENDPOINT} unless set
 */
record RegistrationSettings(Endpoint socket, Path csiSocket) {
  private static final String DIRECTORY = "KUBELET_REGISTRATION_DIR";

  /** What node-driver-registrar calls it, so that either replaces the other. */
  private static final String SOCKET = IdentityService.DRIVER_NAME + "-reg.sock";

  /** The kubelet's own directory, which holds plugins_registry and the targets of publications. */
  Path kubelet() {
    return socket.socket().resolve("../..").normalize();
  }

  /** Empty where no kubelet is to know of the driver. */
  static Optional<RegistrationSettings> from(SettingsReader reader, Endpoint csi) {
    Endpoint seen = reader.parsed("KUBELET_CSI_ENDPOINT", Endpoint::parse).orElse(csi);
    return reader
        .parsed(DIRECTORY, RegistrationSettings::socketIn)
        .map(socket -> new RegistrationSettings(socket, seen.socket()));
  }

  private static Endpoint socketIn(String text) {
    Path directory = Path.of(text);
    if (!Files.isDirectory(directory)) {
      throw new IllegalArgumentException(
          "is %s, which is no directory: it must be the kubelet's plugins_registry"
              .formatted(text));
    }
    if (!Files.isWritable(directory)) {
      throw new IllegalArgumentException("is %s, which can't be written to".formatted(text));
    }
    return new Endpoint(directory.resolve(SOCKET));
  }
}
