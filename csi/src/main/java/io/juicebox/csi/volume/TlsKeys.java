package io.juicebox.csi.volume;

import io.juicebox.csi.status.DriverException.InvalidRequest;
import java.net.URI;
import java.util.Optional;

/** Reads those keys of a backend that TLS needs: PEM texts, none of which must be there. */
final class TlsKeys {
  static final String REDIS_CA = "redis-ca";
  static final String REDIS_CERTIFICATE = "redis-certificate";
  static final String REDIS_KEY = "redis-key";
  static final String OBJECT_CA = "object-ca";

  /** More than any chain of certificates; all the authorities of a system don't fit. */
  private static final int LONGEST = 32 << 10;

  private final String field;
  private final ParameterReader reader;

  /**
   * @param field as the reader's, the first word of each error
   */
  TlsKeys(String field, ParameterReader reader) {
    this.field = field;
    this.reader = reader;
  }

  RedisTls redis(URI address) {
    boolean encrypted = address.getScheme().equals("rediss");
    Optional<String> authorities = text(REDIS_CA);
    Optional<String> certificate = text(REDIS_CERTIFICATE);
    Optional<String> key = text(REDIS_KEY);
    if (!encrypted) {
      refuse(REDIS_CA, authorities, "redis-address that begins with rediss://");
      refuse(REDIS_CERTIFICATE, certificate, "redis-address that begins with rediss://");
      refuse(REDIS_KEY, key, "redis-address that begins with rediss://");
    }
    if (certificate.isEmpty()) {
      refuse(REDIS_KEY, key, REDIS_CERTIFICATE);
    }
    if (key.isEmpty()) {
      refuse(REDIS_CERTIFICATE, certificate, REDIS_KEY);
    }
    return new RedisTls(
        authorities.map(text -> Certificates.parse(name(REDIS_CA), text)),
        certificate.map(text ->
            ClientCertificate.parse(
                name(REDIS_CERTIFICATE), text, name(REDIS_KEY), key.orElseThrow())));
  }

  Optional<Certificates> objectStore(URI endpoint) {
    Optional<String> authorities = text(OBJECT_CA);
    if (!endpoint.getScheme().equals("https")) {
      refuse(OBJECT_CA, authorities, "object-endpoint that begins with https://");
    }
    return authorities.map(text -> Certificates.parse(name(OBJECT_CA), text));
  }

  /** An empty text counts as none, as templates write it. */
  private Optional<String> text(String key) {
    Optional<String> text = reader.text(key).filter(value -> !value.isBlank());
    if (text.isPresent() && text.get().length() > LONGEST) {
      throw new InvalidRequest(name(key), "is larger than %d KiB".formatted(LONGEST >> 10));
    }
    return text;
  }

  private void refuse(String key, Optional<String> text, String needed) {
    if (text.isPresent()) {
      throw new InvalidRequest(name(key), "needs a " + needed);
    }
  }

  private String name(String key) {
    return field + "." + key;
  }
}
