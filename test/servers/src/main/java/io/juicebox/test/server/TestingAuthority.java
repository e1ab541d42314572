package io.juicebox.test.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * A private certificate authority with what it has signed, in one directory; made by the JDK's own
 * keytool.
 */
public final class TestingAuthority implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final String PASSWORD = "in-a-test";
  private static final String AUTHORITY = "ca";
  private static final String OBSERVER = "observer";
  private static final List<String> CURVE = List.of("-keyalg", "EC", "-groupname", "secp256r1");

  private final Path directory;
  private final Optional<TestDirectory> own;

  /** A certificate and its private key in PKCS#8, both in PEM. */
  public record Identity(Path certificate, Path key) {
    public String certificateText() {
      return read(certificate);
    }

    public String keyText() {
      return read(key);
    }
  }

  private TestingAuthority(Path directory, Optional<TestDirectory> own) {
    this.directory = directory;
    this.own = own;
    generate(AUTHORITY, CURVE, List.of("-ext", "bc:c", "-ext", "ku:c=keyCertSign"));
    var _ = write(AUTHORITY);
  }

  /** One in a directory of its own. */
  public static TestingAuthority create() {
    var own = TestDirectory.create("ca");
    return new TestingAuthority(own.path(), Optional.of(own));
  }

  /** One in a new directory, which the caller removes. */
  public static TestingAuthority createIn(Path directory) {
    try {
      return new TestingAuthority(Files.createDirectory(directory), Optional.empty());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A server that is reached at 127.0.0.1, signed when it is first asked for. */
  public Identity loopback() {
    return identity("loopback", "ip:127.0.0.1");
  }

  /** One that is signed when it is first asked for, with an EC key. */
  public Identity identity(String name, String alternativeName) {
    return identity(name, alternativeName, CURVE);
  }

  /**
   * One that is signed when it is first asked for.
   *
   * @param alternativeName as keytool spells it: {@code ip:127.0.0.1}, {@code dns:example}
   * @param algorithm options of keytool for the key
   */
  public synchronized Identity identity(
      String name, String alternativeName, List<String> algorithm) {
    if (Files.exists(directory.resolve(name + ".key"))) {
      return new Identity(directory.resolve(name + ".crt"), directory.resolve(name + ".key"));
    }
    generate(name, algorithm, List.of("-signer", AUTHORITY, "-ext", "san=" + alternativeName));
    return write(name);
  }

  /** The authority's own certificate. */
  public Path certificate() {
    return directory.resolve(AUTHORITY + ".crt");
  }

  public String certificateText() {
    return read(certificate());
  }

  /** Who reads what there is in a server, for clients of tests. */
  Identity observer() {
    return identity(OBSERVER, "dns:observer");
  }

  /** For clients of tests: shows a certificate of the authority's. */
  public synchronized KeyManagerFactory keys() {
    var _ = observer();
    try {
      var store = store();
      var password = PASSWORD.toCharArray();
      var only = KeyStore.getInstance("PKCS12");
      only.load(null, null);
      only.setKeyEntry(
          OBSERVER,
          store.getKey(OBSERVER, password),
          password,
          store.getCertificateChain(OBSERVER));
      var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(only, password);
      return keys;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** For clients of tests: trusts what the authority signed. */
  public synchronized TrustManagerFactory trust() {
    try {
      var only = KeyStore.getInstance("PKCS12");
      only.load(null, null);
      only.setCertificateEntry(AUTHORITY, store().getCertificate(AUTHORITY));
      var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(only);
      return trust;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Both in one. */
  public SSLContext context() {
    try {
      var context = SSLContext.getInstance("TLS");
      context.init(keys().getKeyManagers(), trust().getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    own.ifPresent(TestDirectory::close);
  }

  private void generate(String name, List<String> algorithm, List<String> more) {
    var command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-J-XX:+UseSerialGC",
                "-J-XX:TieredStopAtLevel=1",
                "-genkeypair",
                "-alias",
                name,
                "-dname",
                "CN=" + name,
                "-validity",
                "2",
                "-storetype",
                "PKCS12",
                "-keystore",
                storeFile().toString(),
                "-storepass",
                PASSWORD));
    command.addAll(algorithm);
    command.addAll(more);
    var _ = Command.run(LIMIT, command);
  }

  private Identity write(String name) {
    try {
      var store = store();
      var certificate = directory.resolve(name + ".crt");
      Files.writeString(certificate, pem("CERTIFICATE", store.getCertificate(name).getEncoded()));
      Key key = store.getKey(name, PASSWORD.toCharArray());
      var file = Files.createFile(directory.resolve(name + ".key"), SecretFile.MODE);
      Files.writeString(file, pem("PRIVATE KEY", key.getEncoded()));
      return new Identity(certificate, file);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path storeFile() {
    return directory.resolve("store.p12");
  }

  private KeyStore store() throws GeneralSecurityException, IOException {
    try (InputStream in = Files.newInputStream(storeFile())) {
      var store = KeyStore.getInstance("PKCS12");
      store.load(in, PASSWORD.toCharArray());
      return store;
    }
  }

  private static String pem(String label, byte[] bytes) {
    var lines = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes);
    return "-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(label, lines, label);
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
