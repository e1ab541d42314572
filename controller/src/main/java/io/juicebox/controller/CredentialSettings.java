package io.juicebox.controller;

import io.juicebox.controller.credential.CredentialStore;
import io.juicebox.controller.credential.DirectoryStore;
import io.juicebox.controller.kube.SecretStore;
import io.juicebox.controller.object.Accounts;
import io.juicebox.controller.object.MinioAccounts;
import io.juicebox.controller.object.NoAccounts;
import io.juicebox.csi.credential.CredentialDirectory;
import io.juicebox.csi.settings.SettingsReader;
import io.juicebox.csi.status.Printable;
import io.juicebox.csi.volume.BackendConnection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * How volumes get credentials of their own.
 *
 * @param directory {@code CREDENTIALS_DIR}: where they are kept as files
 * @param namespace {@code CREDENTIALS_NAMESPACE}: where they are kept as Secrets, if there is no
 *     directory
 * @param accounts {@code OBJECT_ACCOUNTS}: whether the object stores make accounts
 * @param inAdvance {@code ACCOUNT_POOL}: how many of a backend are made before their volumes
 * @param overlap {@code ROTATION_OVERLAP}: how long credentials work at least after others took
 *     their place
 */
record CredentialSettings(
    Optional<CredentialDirectory> directory,
    Optional<String> namespace,
    AccountsApi accounts,
    int inAdvance,
    Duration overlap) {
  private static final Path POD_NAMESPACE =
      Path.of("/var/run/secrets/kubernetes.io/serviceaccount/namespace");
  private static final int IN_ADVANCE = 8;
  private static final int MOST_IN_ADVANCE = 1_000;

  /** What API an object store has for accounts. */
  enum AccountsApi {
    MINIO,
    NONE
  }

  /**
   * @param kubernetes whether there is an API server to talk to
   */
  static CredentialSettings from(SettingsReader reader, boolean kubernetes) {
    return new CredentialSettings(
        CredentialDirectory.from(reader),
        kubernetes ? namespace(reader) : Optional.empty(),
        accounts(reader),
        reader.number("ACCOUNT_POOL", 0, MOST_IN_ADVANCE).orElse(IN_ADVANCE),
        reader.duration("ROTATION_OVERLAP", Duration.ofMinutes(10)));
  }

  /** What makes accounts on a backend. */
  Accounts accountsOf(BackendConnection backend, Duration timeout) {
    return switch (accounts) {
      case MINIO -> new MinioAccounts(backend, timeout);
      case NONE -> new NoAccounts();
    };
  }

  /** Where they are kept; empty where there is no place. */
  Optional<CredentialStore> store() {
    return directory
        .<CredentialStore>map(DirectoryStore::new)
        .or(() -> namespace.map(SecretStore::in));
  }

  private static Optional<String> namespace(SettingsReader reader) {
    return reader.text("CREDENTIALS_NAMESPACE").or(CredentialSettings::ownNamespace);
  }

  private static Optional<String> ownNamespace() {
    try {
      return Optional.of(Files.readString(POD_NAMESPACE).strip());
    } catch (IOException e) {
      return Optional.empty(); // not in a pod
    }
  }

  private static AccountsApi accounts(SettingsReader reader) {
    return switch (reader.text("OBJECT_ACCOUNTS").orElse("minio")) {
      case "minio" -> AccountsApi.MINIO;
      case "none" -> AccountsApi.NONE;
      case String other -> {
        reader.problem("OBJECT_ACCOUNTS", "is " + Printable.of(other) + ", not minio or none");
        yield AccountsApi.NONE;
      }
    };
  }
}
