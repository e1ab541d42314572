package io.juicebox.controller.object;

import io.juicebox.csi.volume.CredentialName;
import io.juicebox.csi.volume.Secret;

/**
 * An account of the object store.
 *
 * @param accessKey its name, which is no secret
 */
public record Account(String accessKey, Secret secretKey) {
  /** One for a volume, with a secret of its own. */
  public static Account random(CredentialName name) {
    return new Account(name.value(), Secret.random());
  }
}
