package io.juicebox.csi.tls;

import io.juicebox.csi.volume.Certificates;
import io.juicebox.csi.volume.ClientCertificate;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManagerFactory;

/** Certificates and keys as the JDK's TLS takes them. */
public final class TlsFactories {
  /** Of a key store that never leaves this memory. */
  private static final char[] PASSWORD = "in-memory".toCharArray();

  private TlsFactories() {}

  /** Trusts servers whose certificate one of these has signed, and no others. */
  public static TrustManagerFactory trust(Certificates authorities) {
    try {
      KeyStore store = emptyStore();
      for (X509Certificate authority : authorities.list()) {
        store.setCertificateEntry(Integer.toString(store.size()), authority);
      }
      var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(store);
      return factory;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("certificates that were read before can't be used", e);
    }
  }

  /** Shows a client's certificate to servers that ask for one. */
  public static KeyManagerFactory identity(ClientCertificate client) {
    try {
      KeyStore store = emptyStore();
      var chain = client.chain().list().toArray(Certificate[]::new);
      store.setKeyEntry("client", client.privateKey(), PASSWORD, chain);
      var factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      factory.init(store, PASSWORD);
      return factory;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("a certificate that was read before can't be used", e);
    }
  }

  private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    return store;
  }
}
