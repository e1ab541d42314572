package io.juicebox.csi.volume;

import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.util.List;

/**
 * What a client proves itself with when a server asks for it.
 *
 * @param chain its own certificate, then those between it and the authority that the server trusts
 * @param key the private key of the first, a PEM text in PKCS#8
 */
public record ClientCertificate(Certificates chain, Secret key) {

  /** Reads both from PEM texts; errors begin with the name of the wrong one. */
  static ClientCertificate parse(
      String certificateName, String certificate, String keyName, String key) {
    Certificates chain = Certificates.parse(certificateName, certificate);
    PrivateKey own = PrivateKeys.parse(keyName, key, publicKey(chain));
    return new ClientCertificate(
        chain, new Secret(PemBlock.text(PrivateKeys.LABEL, own.getEncoded())));
  }

  /** The key in the JDK's form. */
  public PrivateKey privateKey() {
    try {
      return PrivateKeys.decode(PemBlock.all(key.reveal()).getFirst().bytes(), publicKey(chain));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("a key that was read before can't be read", e);
    }
  }

  /** The lines of the key, each of which must not appear in what a process says. */
  public List<Secret> keyLines() {
    return key.reveal().lines().filter(line -> !line.startsWith("-----")).map(Secret::new).toList();
  }

  private static PublicKey publicKey(Certificates chain) {
    return chain.list().getFirst().getPublicKey();
  }
}
