package io.juicebox.csi.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.juicebox.csi.status.DriverException.InvalidRequest;
import io.juicebox.test.server.TestingAuthority;
import io.juicebox.test.server.TestingAuthority.Identity;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TlsKeysTest {
  private static TestingAuthority authority;
  private static Identity client;
  private static Identity rsa;

  @BeforeAll
  static void sign() {
    authority = TestingAuthority.create();
    client = authority.identity("client", "dns:client");
    rsa = authority.identity("rsa", "dns:rsa", List.of("-keyalg", "RSA", "-keysize", "2048"));
  }

  @AfterAll
  static void remove() {
    authority.close();
  }

  @Test
  void allKeysAreReadAndWrittenAgain() {
    var connection = BackendConnection.from("secrets", keys());
    var expected = new TreeSet<>(BackendConnection.KEYS);
    expected.remove("redis-user");
    assertThat(connection.toKeys()).containsOnlyKeys(expected);
    assertThat(connection.toKeys()).containsAllEntriesOf(keys());
    assertThat(BackendConnection.from("secrets", connection.toKeys())).isEqualTo(connection);
  }

  @Test
  void theSystemsAuthoritiesAreMeantWhereNoneIsNamed() {
    var keys = keys();
    keys.keySet().removeAll(Set.of("redis-ca", "redis-certificate", "redis-key"));
    keys.put("object-ca", "\n");
    var connection = BackendConnection.from("secrets", keys);
    assertThat(connection.redisTls().authorities()).isEmpty();
    assertThat(connection.redisTls().client()).isEmpty();
    assertThat(connection.objectAuthorities()).isEmpty();
    assertThat(connection.toKeys()).doesNotContainKeys("redis-ca", "redis-key", "object-ca");
  }

  @Test
  void onlyTheCertificatesCount() {
    var pem = authority.certificateText();
    var commented = "subject=CN = ca\r\n" + pem.replace("\n", "\r\n") + "\r\n";
    assertThat(BackendConnection.from("secrets", with("redis-ca", commented)))
        .isEqualTo(BackendConnection.from("secrets", keys()));
    var two = BackendConnection.from("secrets", with("redis-ca", pem + client.certificateText()));
    assertThat(two.redisTls().authorities().orElseThrow().list()).hasSize(2);
    assertThat(two).isNotEqualTo(BackendConnection.from("secrets", keys()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"EC PRIVATE KEY", "RSA PRIVATE KEY"})
  void aKeyOfAnOlderFormIsTheSameKey(String label) {
    var identity = label.startsWith("EC") ? client : rsa;
    var older = PemBlock.text(label, inner(PemBlock.all(identity.keyText()).getFirst().bytes()));
    var keys = with("redis-certificate", identity.certificateText());
    keys.put("redis-key", older);
    var read = BackendConnection.from("secrets", keys);
    keys.put("redis-key", identity.keyText());
    assertThat(read.redisTls().client().orElseThrow().privateKey().getEncoded())
        .isEqualTo(
            BackendConnection.from("secrets", keys)
                .redisTls()
                .client()
                .orElseThrow()
                .privateKey()
                .getEncoded());
  }

  @Test
  void anEd25519KeyIsRead() {
    var identity = authority.identity("edwards", "dns:edwards", List.of("-keyalg", "Ed25519"));
    var keys = with("redis-certificate", identity.certificateText());
    keys.put("redis-key", identity.keyText());
    assertThat(BackendConnection.from("secrets", keys).toKeys()).containsAllEntriesOf(keys);
  }

  @ParameterizedTest
  @ValueSource(strings = {"redis-ca", "redis-certificate", "object-ca"})
  void whatIsNoCertificateIsRefused(String key) {
    var pem = authority.certificateText();
    var body = "\nSElEREVO\n";
    for (var wrong :
        List.of(
            "HIDDEN",
            client.keyText(),
            pem + client.keyText(),
            pem + pem.substring(0, 200),
            "-----BEGIN CERTIFICATE-----" + body + "-----END CERTIFICATE-----",
            "-----BEGIN CERTIFICATE-----\nS\n-----END CERTIFICATE-----")) {
      refused(with(key, wrong), key + " is no PEM text with X.509 certificates and nothing else");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"redis-ca", "redis-certificate", "redis-key", "object-ca"})
  void aLargeTextIsRefused(String key) {
    refused(with(key, "x".repeat((32 << 10) + 1)), key + " is larger than 32 KiB");
  }

  @Test
  void whatIsNotTheCertificatesKeyIsRefused() {
    var none = "redis-key is no PEM text with one private key";
    refused(with("redis-key", "HIDDEN"), none);
    refused(with("redis-key", client.certificateText()), none);
    refused(with("redis-key", client.keyText() + client.keyText()), none);
    var another = "redis-key is no private key that belongs to the certificate";
    refused(with("redis-key", rsa.keyText()), another);
    refused(with("redis-key", authority.loopback().keyText()), another);
    refused(with("redis-key", PemBlock.text("PRIVATE KEY", new byte[10])), another);
    refused(with("redis-key", PemBlock.text("EC PRIVATE KEY", new byte[200])), another);
    refused(
        with("redis-key", client.keyText().replace(" PRIVATE", " ENCRYPTED PRIVATE")),
        "redis-key is encrypted: it must have no passphrase");
  }

  @ParameterizedTest
  @CsvSource({
    "redis-key, redis-certificate needs a redis-key",
    "redis-certificate, redis-key needs a redis-certificate"
  })
  void halfAClientCertificateIsRefused(String missing, String message) {
    var keys = keys();
    keys.remove(missing);
    refused(keys, message);
  }

  @ParameterizedTest
  @CsvSource({
    "redis-ca, redis-address, redis://r.example:6379, rediss",
    "redis-certificate, redis-address, redis://r.example:6379, rediss",
    "redis-key, redis-address, redis://r.example:6379, rediss",
    "object-ca, object-endpoint, http://o.example:9000, https"
  })
  void keysOfTlsNeedAnAddressWithIt(String key, String addressKey, String address, String scheme) {
    var keys = with(addressKey, address);
    var value = keys.get(key);
    keys.keySet().removeAll(Set.of("redis-ca", "redis-certificate", "redis-key", "object-ca"));
    keys.put(key, value);
    refused(keys, "%s needs a %s that begins with %s://".formatted(key, addressKey, scheme));
  }

  @Test
  void thePrivateKeyDoesNotPrint() {
    var connection = BackendConnection.from("secrets", keys());
    var lines = connection.redisTls().client().orElseThrow().keyLines();
    assertThat(lines).hasSizeGreaterThan(1);
    for (var line : lines) {
      assertThat(connection.toString()).doesNotContain(line.reveal());
      assertThat(client.keyText()).contains(line.reveal());
    }
  }

  private static void refused(Map<String, String> keys, String message) {
    assertThatThrownBy(() -> BackendConnection.from("secrets", keys))
        .isInstanceOf(InvalidRequest.class)
        .hasMessage("secrets." + message)
        .hasNoCause();
  }

  private static Map<String, String> keys() {
    return new HashMap<>(
        Map.of(
            "redis-address", "rediss://r.example:6379",
            "redis-password", "",
            "redis-ca", authority.certificateText(),
            "redis-certificate", client.certificateText(),
            "redis-key", client.keyText(),
            "object-endpoint", "https://o.example:9000",
            "object-access-key", "access",
            "object-secret-key", "s3cr3t",
            "object-ca", authority.certificateText()));
  }

  private static Map<String, String> with(String key, String value) {
    var keys = keys();
    keys.put(key, value);
    return keys;
  }

  /** The key of an older form that a PKCS#8 key has in it. */
  private static byte[] inner(byte[] pkcs8) {
    var in = ByteBuffer.wrap(pkcs8);
    var _ = length(in);
    in.position(in.position() + 3); // the version
    int algorithm = length(in);
    in.position(in.position() + algorithm);
    var key = new byte[length(in)];
    in.get(key);
    return key;
  }

  private static int length(ByteBuffer in) {
    in.get();
    int length = in.get() & 0xff;
    return length < 0x80 ? length : length == 0x81 ? in.get() & 0xff : in.getShort() & 0xffff;
  }
}
