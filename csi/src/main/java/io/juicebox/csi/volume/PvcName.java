package io.juicebox.csi.volume;

import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The PersistentVolumeClaim that a volume was made for: it names the volume to people, in metrics
 * and events, and decides nothing.
 *
 * <p>csi-provisioner tells it to CreateVolume with {@code --extra-create-metadata}; the volume
 * context carries it to the nodes under the same keys. Both values have the shape that Kubernetes
 * demands of them and so are fit for labels, log lines and paths of its API.
 *
 * @param namespace a DNS label (RFC 1123), 63 characters at most
 * @param name a DNS subdomain (RFC 1123), 253 characters at most
 */
public record PvcName(String namespace, String name) {
  static final String NAMESPACE_KEY = "csi.storage.k8s.io/pvc/namespace";
  static final String NAME_KEY = "csi.storage.k8s.io/pvc/name";

  private static final String LABEL = "[a-z0-9](?:[a-z0-9-]*[a-z0-9])?";
  private static final Pattern NAMESPACE = Pattern.compile(LABEL);
  private static final Pattern NAME = Pattern.compile(LABEL + "(?:\\." + LABEL + ")*");
  private static final int LONGEST_NAMESPACE = 63;
  private static final int LONGEST_NAME = 253;

  public PvcName {
    if (!isNamespace(namespace) || !isName(name)) {
      throw new IllegalArgumentException("no name that Kubernetes would give to a claim");
    }
  }

  /**
   * The claim that a map of parameters or a volume context names. Empty when one of the two keys is
   * missing, and also when a value can't be Kubernetes's: such a map comes from elsewhere, and keys
   * under this prefix never make a call fail.
   */
  public static Optional<PvcName> from(Map<String, String> map) {
    String namespace = map.getOrDefault(NAMESPACE_KEY, "");
    String name = map.getOrDefault(NAME_KEY, "");
    return isNamespace(namespace) && isName(name)
        ? Optional.of(new PvcName(namespace, name))
        : Optional.empty();
  }

  /** Writes what {@link #from} reads. */
  void write(Map<String, String> to) {
    to.put(NAMESPACE_KEY, namespace);
    to.put(NAME_KEY, name);
  }

  // The length is looked at first: it bounds what the expressions cost.
  private static boolean isNamespace(String text) {
    return text.length() <= LONGEST_NAMESPACE && NAMESPACE.matcher(text).matches();
  }

  private static boolean isName(String text) {
    return text.length() <= LONGEST_NAME && NAME.matcher(text).matches();
  }

  @Override
  public String toString() {
    return namespace + "/" + name;
  }
}
