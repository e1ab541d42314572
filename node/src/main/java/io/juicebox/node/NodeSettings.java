package io.juicebox.node;

import io.juicebox.csi.credential.CredentialDirectory;
import io.juicebox.csi.identity.IdentityService;
import io.juicebox.csi.server.Endpoint;
import io.juicebox.csi.settings.SettingsReader;
import io.juicebox.node.service.MountLimits;
import io.juicebox.node.service.NodeIdSetting;
import io.juicebox.node.service.ServiceSockets;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * The settings of the node program, from its environment.
 *
 * @param nodeId {@code NODE_ID}: the name of this node, which its JuiceFS sessions have as hostname
 * @param stateDirectory {@code STATE_DIR}: mounts and the files about them; survives the program
 * @param cacheDirectory {@code CACHE_DIR}: block caches
 * @param operations {@code OPS_ADDRESS}: where metrics and health are served
 * @param juicefs {@code JUICEFS}: the program
 * @param filesystemTimeout {@code FILESYSTEM_TIMEOUT}: for a filesystem to answer
 * @param mountTimeout {@code MOUNT_TIMEOUT}: for a volume to be mounted
 * @param backendTimeout {@code BACKEND_TIMEOUT}: for Redis and the object store to answer
 * @param maxVolumes {@code MAX_VOLUMES}: told to the CO; from the node's memory when empty
 * @param limits for juicefs processes that the plugin starts itself
 * @param mountService {@code MOUNT_SERVICE_DIR}: the sockets of the mount service, which then makes
 *     the mounts; empty where the plugin does
 * @param registration with the kubelet; empty where there is none
 * @param credentials {@code CREDENTIALS_DIR}: the keys of volumes for calls that bring none; empty
 *     where every call has to
 */
record NodeSettings(
    Endpoint endpoint,
    String nodeId,
    Path stateDirectory,
    Path cacheDirectory,
    InetSocketAddress operations,
    String juicefs,
    Duration filesystemTimeout,
    Duration mountTimeout,
    Duration backendTimeout,
    Optional<Integer> maxVolumes,
    MountLimits limits,
    Optional<ServiceSockets> mountService,
    Optional<RegistrationSettings> registration,
    Optional<CredentialDirectory> credentials) {

  private static final Path USUAL_KUBELET = Path.of("/var/lib/kubelet");

  /** What stands for an endpoint that is wrong until that is told. */
  private static final Endpoint NOWHERE = new Endpoint(Path.of("/missing"));

  /**
   * The folder of the socket, where it is the driver's own: kubelets have one for each driver,
   * named after it. Another one may be anybody's.
   */
  Optional<Path> ownFolder() {
    return Optional.ofNullable(endpoint.socket().getParent())
        .filter(folder -> folder.endsWith(IdentityService.DRIVER_NAME));
  }

  /** Where the kubelet has its targets. */
  Path kubelet() {
    return registration.map(RegistrationSettings::kubelet).orElse(USUAL_KUBELET);
  }

  /**
   * Reads the environment.
   *
   * @throws io.juicebox.csi.settings.InvalidSettings with every mistake
   */
  static NodeSettings from(Map<String, String> environment) {
    var reader = new SettingsReader(environment);
    reader.required("CSI_ENDPOINT", "");
    reader.required("STATE_DIR", "");
    Path state = reader.directory("STATE_DIR", Path.of("/"));
    Endpoint endpoint = reader.parsed("CSI_ENDPOINT", Endpoint::parse).orElse(NOWHERE);
    var settings =
        new NodeSettings(
            endpoint,
            NodeIdSetting.read(reader),
            state,
            reader.directory("CACHE_DIR", state.resolve("cache")),
            reader.address(
                "OPS_ADDRESS", new InetSocketAddress(InetAddress.getLoopbackAddress(), 9809)),
            reader.text("JUICEFS").orElse("juicefs"),
            reader.duration("FILESYSTEM_TIMEOUT", Duration.ofSeconds(4)),
            reader.duration("MOUNT_TIMEOUT", Duration.ofSeconds(30)),
            reader.duration("BACKEND_TIMEOUT", Duration.ofSeconds(8)),
            reader.number("MAX_VOLUMES", 1, 100_000),
            MountLimits.from(reader),
            ServiceSockets.from(reader),
            RegistrationSettings.from(reader, endpoint),
            CredentialDirectory.from(reader));
    reader.check();
    return settings;
  }
}
