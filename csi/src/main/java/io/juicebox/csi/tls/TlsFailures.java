package io.juicebox.csi.tls;

import io.juicebox.csi.status.DriverException;
import io.juicebox.csi.status.DriverException.BackendUnavailable;
import io.juicebox.csi.status.DriverException.Unauthenticated;
import io.juicebox.csi.status.Printable;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;

/**
 * What it means to the caller of an RPC that TLS with a server failed.
 *
 * @param server as messages name it
 * @param addressKey the key with the server's address
 * @param authoritiesKey the key with the certificates of those who may sign the server's
 */
public record TlsFailures(String server, String addressKey, String authoritiesKey) {
  private static final Pattern ALERT = Pattern.compile("fatal alert: (\\w+)");

  /** What a server says that does not accept our certificate (RFC 8446, 6.2). */
  private static final Set<String> REFUSALS =
      Set.of(
          "access_denied",
          "bad_certificate",
          "certificate_expired",
          "certificate_revoked",
          "certificate_unknown",
          "unknown_ca",
          "unsupported_certificate");

  /** Of a Redis. */
  public static TlsFailures redis(String server) {
    return new TlsFailures(server, "redis-address", "redis-ca");
  }

  /** Of an object store. */
  public static TlsFailures objectStore(String server) {
    return new TlsFailures(server, "object-endpoint", "object-ca");
  }

  /** The exception to throw; empty when it was not TLS that failed. */
  public Optional<DriverException> of(Throwable failure) {
    var causes = new ArrayList<Throwable>();
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      causes.add(cause);
    }
    return causes.stream().anyMatch(SSLException.class::isInstance)
        ? Optional.of(of(causes, failure))
        : Optional.empty();
  }

  private DriverException of(List<Throwable> causes, Throwable failure) {
    String text = String.valueOf(causes.getLast().getMessage());
    Optional<String> alert = alert(causes);
    if (alert.filter("certificate_required"::equals).isPresent()) {
      return new Unauthenticated(
          server, "it asks for a client certificate, set redis-certificate and redis-key");
    }
    if (alert.filter(REFUSALS::contains).isPresent()) {
      return new Unauthenticated(
          server,
          "it does not accept the client certificate (%s), see redis-certificate"
              .formatted(alert.get()));
    }
    return new BackendUnavailable(server, why(causes, text), failure);
  }

  private String why(List<Throwable> causes, String text) {
    if (any(causes, TlsFailures::isOfName)) {
      return "its certificate is for another name than that in %s: %s"
          .formatted(addressKey, Printable.of(text));
    }
    if (any(causes, CertificateExpiredException.class::isInstance)
        || any(causes, CertificateNotYetValidException.class::isInstance)) {
      return "its certificate is not valid at this time, renew it or set this machine's clock: "
          + Printable.of(text);
    }
    if (any(causes, TlsFailures::isOfTrust)) {
      return "its certificate is not trusted, set %s to that of the authority that signed it: %s"
          .formatted(authoritiesKey, Printable.of(text));
    }
    if (text.contains("not an SSL/TLS record") || text.contains("unrecognized SSL message")) {
      return "it does not speak TLS, see " + addressKey;
    }
    return "TLS failed: " + Printable.of(text);
  }

  /** OkHttp has an exception for it, the JDK a text (sun.security.util.HostnameChecker). */
  private static boolean isOfName(Throwable cause) {
    String text = String.valueOf(cause.getMessage());
    return cause instanceof SSLPeerUnverifiedException
        || (cause instanceof CertificateException
            && (text.startsWith("No subject alternative") || text.startsWith("No name matching")));
  }

  private static boolean isOfTrust(Throwable cause) {
    return cause instanceof CertificateException
        || cause instanceof CertPathBuilderException
        || cause instanceof CertPathValidatorException;
  }

  private static boolean any(List<Throwable> causes, Predicate<Throwable> test) {
    return causes.stream().anyMatch(test);
  }

  private static Optional<String> alert(List<Throwable> causes) {
    return causes.stream()
        .map(cause -> ALERT.matcher(String.valueOf(cause.getMessage())))
        .filter(Matcher::find)
        .map(found -> found.group(1))
        .findFirst();
  }
}
