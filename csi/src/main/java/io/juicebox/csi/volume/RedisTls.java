package io.juicebox.csi.volume;

import java.util.Map;
import java.util.Optional;

/**
 * What TLS to Redis needs beside its address.
 *
 * @param authorities those that may have signed the server's certificate; the system's when empty
 * @param client what we prove ourselves with, for a server that asks for it
 */
public record RedisTls(Optional<Certificates> authorities, Optional<ClientCertificate> client) {

  /** Adds the keys that it was read from. */
  void addTo(Map<String, String> keys) {
    authorities.ifPresent(them -> keys.put(TlsKeys.REDIS_CA, them.toPem()));
    client.ifPresent(own -> {
      keys.put(TlsKeys.REDIS_CERTIFICATE, own.chain().toPem());
      keys.put(TlsKeys.REDIS_KEY, own.key().reveal());
    });
  }
}
