package io.juicebox.csi.volume;

import static org.assertj.core.api.Assertions.assertThat;

import io.juicebox.csi.status.DriverException.InvalidRequest;
import io.juicebox.test.input.Texts;
import io.juicebox.test.server.TestingAuthority;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** The keys of a backend, whatever a Secret holds. */
final class BackendPropertiesTest {
  private static final Map<String, String> KEYS =
      Map.of(
          "redis-address", "rediss://redis:6379",
          "redis-password", "wort 4 wort",
          "object-endpoint", "https://minio:9000",
          "object-access-key", "access",
          "object-secret-key", "secret");

  /** Shorter texts may be in a message by chance. */
  private static final int TELLING = 8;

  /**
   * What messages ask for, and the names of keys: what is left of an address after a cut may be
   * part of the one, and a nearly right name has what a value may be.
   */
  private static final Pattern FORM =
      Pattern.compile(
          "(redis|http)://host:port|begins with (rediss|https)://|the unknown key \"(?:\\\\.|[^\"\\\\])*\"");

  private static Map<String, String> tls = Map.of();
  private static String foreignKey = "";

  @BeforeContainer
  static void sign() {
    try (var authority = TestingAuthority.create()) {
      var client = authority.identity("client", "dns:client");
      foreignKey = authority.identity("other", "dns:other").keyText();
      tls =
          Map.of(
              "redis-ca", authority.certificateText(),
              "redis-certificate", client.certificateText(),
              "redis-key", client.keyText(),
              "object-ca", authority.certificateText());
    }
  }

  @AfterContainer
  static void forget() {
    tls = Map.of();
  }

  @Provide
  Arbitrary<Map<String, String>> secrets() {
    var all = new HashMap<String, Arbitrary<String>>();
    KEYS.forEach((key, value) -> all.put(key, Arbitraries.just(value)));
    tls.forEach((key, value) -> all.put(key, Arbitraries.just(value)));
    all.put(
        "redis-address", Arbitraries.of("rediss://redis", "rediss://[::1]:6379/", "redis://a:1"));
    all.put("redis-user", Arbitraries.of("", "user"));
    all.put("object-region", Arbitraries.of("us-east-1", "eu.1"));
    all.put("bucket", Arbitraries.of("juicebox", "a.b-c"));
    return Texts.mapsNear(all)
        .map(near -> {
          var map = new HashMap<>(KEYS);
          map.putAll(near);
          return Map.copyOf(map);
        });
  }

  @Provide
  Arbitrary<String> nearlyPem() {
    return Arbitraries.oneOf(
        Texts.any(),
        Texts.near(Arbitraries.of(tls.values())),
        Texts.near(Arbitraries.just(tls.get("redis-ca") + foreignKey)));
  }

  @Property
  void anySecretIsReadOrRefused(@ForAll("secrets") Map<String, String> map) {
    Read.orRefused("secrets", () -> BackendConnection.from("secrets", map))
        .ifPresent(connection ->
            assertThat(BackendConnection.from("secrets", connection.toKeys()))
                .isEqualTo(connection));
  }

  @Property
  void noRefusalTellsAValue(@ForAll("secrets") Map<String, String> map) {
    try {
      var _ = BackendConnection.from("secrets", map);
    } catch (InvalidRequest e) {
      assertThat(e).hasNoCause();
      String message = FORM.matcher(e.getMessage()).replaceAll("");
      map.values().stream()
          .filter(value -> value.length() >= TELLING)
          .forEach(value -> assertThat(message).doesNotContain(value));
    }
  }

  @Property
  void anyTextIsCertificatesOrRefused(@ForAll("nearlyPem") String text) {
    Read.orRefused("secrets.redis-ca", () -> Certificates.parse("secrets.redis-ca", text))
        .ifPresent(read ->
            assertThat(Certificates.parse("secrets.redis-ca", read.toPem())).isEqualTo(read));
  }

  @Property
  void anyTextIsTheCertificatesKeyOrRefused(@ForAll("nearlyPem") String text) {
    var _ =
        Read.orRefused(
            "secrets.redis-key",
            () ->
                ClientCertificate.parse(
                    "secrets.redis-certificate",
                    String.valueOf(tls.get("redis-certificate")),
                    "secrets.redis-key",
                    text));
  }
}
