package io.juicebox.controller.kube;

import static java.net.HttpURLConnection.HTTP_CONFLICT;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.juicebox.controller.credential.CredentialStore;
import io.juicebox.csi.status.DriverException;
import io.juicebox.csi.status.DriverException.BackendUnavailable;
import io.juicebox.csi.status.DriverException.Forbidden;
import io.juicebox.csi.status.DriverException.InvalidRequest;
import io.juicebox.csi.status.DriverException.OperationPending;
import io.juicebox.csi.status.DriverException.PreconditionFailed;
import io.juicebox.csi.status.Printable;
import io.juicebox.csi.volume.BackendConnection;
import io.juicebox.csi.volume.VolumeId;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Credentials as Secrets in one namespace, each named after its volume's PersistentVolume, which is
 * what the CO calls the volume. The kubelet of a node may read one while a pod there uses the
 * volume, and hands it to the driver.
 */
public final class SecretStore implements CredentialStore {
  /** Whose a Secret is, by the volume's id. */
  static final String VOLUME_LABEL = "csi.juicebox.io/volume";

  private static final int HTTP_UNPROCESSABLE = 422;

  private static final String MANAGED_BY = "app.kubernetes.io/managed-by";
  private static final String SERVER = "the API server of Kubernetes";

  /** What Kubernetes takes for a name: RFC 1123's subdomains. */
  private static final Pattern NAME =
      Pattern.compile(
          "(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");

  private final KubernetesClient client;
  private final String namespace;

  SecretStore(KubernetesClient client, String namespace) {
    this.client = client;
    this.namespace = namespace;
  }

  /** Connects with the first call. */
  public static SecretStore in(String namespace) {
    return new SecretStore(Cluster.client(Config.autoConfigure(null)), namespace);
  }

  @Override
  public void requireName(String name) {
    if (!NAME.matcher(name).matches()) {
      throw new InvalidRequest(
          "name", "is %s, not a name for a Secret of Kubernetes".formatted(Printable.of(name)));
    }
  }

  @Override
  public BackendConnection keep(VolumeId volume, String name, BackendConnection credentials) {
    requireName(name);
    try {
      client.secrets().inNamespace(namespace).resource(secret(volume, name, credentials)).create();
      return credentials;
    } catch (KubernetesClientException e) {
      if (e.getCode() != HTTP_CONFLICT) {
        throw failed(e);
      }
    }
    return find(volume, name).orElseThrow(() -> taken(name));
  }

  /** By another volume of this name, which is being removed, or by somebody else. */
  private DriverException taken(String name) {
    Secret there = get(name);
    return there == null || labels(there).containsKey(VOLUME_LABEL)
        ? new OperationPending(name)
        : new PreconditionFailed(
            "the Secret %s/%s is no volume's: delete or rename it".formatted(namespace, name));
  }

  @Override
  public void replace(VolumeId volume, String name, BackendConnection credentials) {
    Secret there = get(name);
    if (there == null) {
      if (!keep(volume, name, credentials).equals(credentials)) {
        throw new OperationPending(name);
      }
      return;
    }
    if (!isOf(volume, there)) {
      throw taken(name);
    }
    // With the version that was read: what somebody else changed meanwhile is refused.
    Secret changed = new SecretBuilder(there).withData(data(credentials)).build();
    try {
      var _ = client.secrets().inNamespace(namespace).resource(changed).update();
    } catch (KubernetesClientException e) {
      throw e.getCode() == HTTP_CONFLICT ? new OperationPending(name) : failed(e);
    }
  }

  @Override
  public Optional<BackendConnection> find(VolumeId volume, String name) {
    try {
      return Optional.ofNullable(get(name))
          .filter(secret -> isOf(volume, secret))
          .map(secret -> BackendConnection.from("Secret " + name, keys(secret)));
    } catch (InvalidRequest e) {
      throw new PreconditionFailed(
          "somebody changed the credentials of volume %s: %s".formatted(volume, e.getMessage()));
    }
  }

  @Override
  public void remove(VolumeId volume, String name) {
    if (!NAME.matcher(name).matches()) {
      return; // nothing was ever kept
    }
    Secret secret = get(name);
    try {
      if (secret != null && isOf(volume, secret)) {
        var _ = client.secrets().inNamespace(namespace).resource(secret).delete();
      }
    } catch (KubernetesClientException e) {
      throw failed(e);
    }
  }

  private @Nullable Secret get(String name) {
    try {
      return client.secrets().inNamespace(namespace).withName(name).get();
    } catch (KubernetesClientException e) {
      throw failed(e);
    }
  }

  private static Secret secret(VolumeId volume, String name, BackendConnection credentials) {
    return new SecretBuilder()
        .withNewMetadata()
        .withName(name)
        .addToLabels(VOLUME_LABEL, volume.value())
        .addToLabels(MANAGED_BY, CsiNodes.DRIVER)
        .endMetadata()
        .withType("Opaque")
        .withData(data(credentials))
        .build();
  }

  private static Map<String, String> data(BackendConnection credentials) {
    var data = new TreeMap<String, String>();
    credentials
        .toKeys()
        .forEach((key, value) ->
            data.put(key, Base64.getEncoder().encodeToString(value.getBytes(UTF_8))));
    return data;
  }

  private static Map<String, String> keys(Secret secret) {
    var keys = new TreeMap<String, String>();
    Map<String, String> data = secret.getData() == null ? Map.of() : secret.getData();
    data.forEach(
        (key, value) -> keys.put(key, new String(Base64.getDecoder().decode(value), UTF_8)));
    return keys;
  }

  private static boolean isOf(VolumeId volume, Secret secret) {
    return volume.value().equals(labels(secret).get(VOLUME_LABEL));
  }

  private static Map<String, String> labels(Secret secret) {
    Map<String, String> labels = secret.getMetadata().getLabels();
    return labels == null ? Map.of() : labels;
  }

  /** The API server's own words may repeat what was sent, so they are left out. */
  private DriverException failed(KubernetesClientException e) {
    return switch (e.getCode()) {
      case 401, 403 ->
          new Forbidden(SERVER, "Secrets can't be written (%d)".formatted(e.getCode()));
      case HTTP_UNPROCESSABLE ->
          new PreconditionFailed(
              "a Secret in %s can't be changed: if somebody made it immutable, delete it"
                  .formatted(namespace));
      case 404 ->
          new PreconditionFailed(
              "there is no namespace %s, see CREDENTIALS_NAMESPACE".formatted(namespace));
      default ->
          new BackendUnavailable(
              SERVER, e.getCode() == 0 ? "no answer" : "HTTP status " + e.getCode(), null);
    };
  }
}
