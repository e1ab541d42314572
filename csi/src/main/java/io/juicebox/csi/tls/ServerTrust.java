package io.juicebox.csi.tls;

import io.juicebox.csi.volume.Certificates;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/** Whom an HTTP client trusts, in the two forms that it wants. */
public record ServerTrust(SSLSocketFactory sockets, X509TrustManager manager) {

  /** Trusts servers whose certificate one of these has signed, and no others. */
  public static ServerTrust in(Certificates authorities) {
    TrustManager[] managers = TlsFactories.trust(authorities).getTrustManagers();
    X509TrustManager manager =
        Arrays.stream(managers)
            .filter(X509TrustManager.class::isInstance)
            .map(X509TrustManager.class::cast)
            .findFirst()
            .orElseThrow();
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, managers, null);
      return new ServerTrust(context.getSocketFactory(), manager);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
