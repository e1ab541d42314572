package io.juicebox.controller.object;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.juicebox.controller.TestingBackend;
import io.juicebox.csi.status.DriverException.BackendUnavailable;
import io.juicebox.csi.status.DriverException.Unauthenticated;
import io.juicebox.csi.volume.BackendName;
import io.juicebox.csi.volume.CredentialName;
import io.juicebox.csi.volume.Lineage;
import io.juicebox.csi.volume.Member;
import io.juicebox.csi.volume.VolumeId;
import io.juicebox.test.server.TestingMinio;
import io.minio.GetObjectArgs;
import io.minio.MakeBucketArgs;
import io.minio.MinioClient;
import io.minio.PutObjectArgs;
import io.minio.admin.MinioAdminClient;
import io.minio.admin.UserInfo;
import io.minio.errors.ErrorResponseException;
import java.io.ByteArrayInputStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("real")
final class MinioAccountsTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final String BUCKET = "juicebox";

  private static TestingMinio minio;
  private static MinioAccounts accounts;

  private final VolumeId volume = VolumeId.random(new BackendName("default"));
  private final Lineage lineage = Lineage.startedBy(volume);
  private final Grant grant = new Grant(List.of(BUCKET), lineage, Member.FIRST);

  @BeforeAll
  static void start() throws Exception {
    minio = TestingMinio.start();
    accounts = new MinioAccounts(TestingBackend.of(minio), TIMEOUT);
    client(new Account(minio.accessKey(), TestingBackend.of(minio).objectSecretKey()))
        .makeBucket(MakeBucketArgs.builder().bucket(BUCKET).build());
  }

  @AfterAll
  static void stop() {
    accounts.close();
    minio.close();
  }

  @Test
  void anAccountMayWriteItsBlocksAndReadThem() throws Exception {
    Account account = made();
    String block = lineage.prefix() + "chunks/1000000/1000000000/1000000000001_0_4";

    put(account, block);
    assertThat(get(account, block)).isEqualTo("data");
  }

  @Test
  void anAccountMayNotWriteElsewhere() {
    Account account = made();

    for (String key :
        List.of(
            "chunks/2000000/2000000000/2000000000001_0_4",
            "owner",
            "chunks/x",
            "chunks/0/0/1_0_4")) {
      assertThatThrownBy(() -> put(account, lineage.prefix() + key))
          .as(key)
          .isInstanceOf(ErrorResponseException.class)
          .hasMessageContaining("Access Denied");
    }
  }

  @Test
  void anotherPutReplacesTheSecret() throws Exception {
    Account first = made();
    Account second = made();
    String block = lineage.prefix() + "chunks/1000000/1000000000/1000000000001_0_4";

    put(second, block);
    assertThatThrownBy(() -> put(first, block)).isInstanceOf(ErrorResponseException.class);
  }

  @Test
  void whatIsRemovedIsMissing() {
    Account account = made();
    assertThat(accounts.missing(List.of(account.accessKey(), "default-x")))
        .containsExactly("default-x");

    accounts.remove(account.accessKey());
    accounts.remove(account.accessKey());

    assertThat(accounts.missing(List.of(account.accessKey()))).hasSize(1);
    assertThatThrownBy(() -> get(account, lineage.ownerKey()))
        .isInstanceOf(ErrorResponseException.class);
  }

  @Test
  void anAccountCanNeitherSeeNorMakeAccounts() {
    Account account = made();
    var client =
        MinioAdminClient.builder()
            .endpoint(minio.endpoint())
            .region("us-east-1")
            .credentials(account.accessKey(), account.secretKey().reveal())
            .build();
    for (ThrowingCallable attempt :
        List.<ThrowingCallable>of(
            client::listUsers,
            client::listCannedPolicies,
            client::getServerInfo,
            () ->
                client.addServiceAccount(
                    "another", "secret-of-another", null, null, null, null, null),
            () ->
                client.addUser(
                    account.accessKey(),
                    UserInfo.Status.ENABLED,
                    "changed-secret",
                    null,
                    List.of()),
            () -> client.setPolicy(account.accessKey(), false, "readwrite"),
            () -> client.deleteUser(account.accessKey()))) {
      assertThatThrownBy(attempt).hasMessageContaining("AccessDenied");
    }
  }

  @Test
  void aWrongKeyIsTold() {
    var backend =
        TestingBackend.of(
            Map.of("object-endpoint", minio.endpoint(), "object-access-key", "geheim"));
    try (var wrong = new MinioAccounts(backend, TIMEOUT)) {
      assertThatThrownBy(() -> wrong.remove("x"))
          .isInstanceOf(Unauthenticated.class)
          .hasMessageContaining("the object store at");
    }
  }

  @Test
  void aStoreThatIsAwayIsUnavailable() {
    try (var nobody = new MinioAccounts(TestingBackend.of(Map.of()), TIMEOUT)) {
      assertThatThrownBy(
              () -> nobody.put(Account.random(CredentialName.first(volume)), grant, TIMEOUT))
          .isInstanceOf(BackendUnavailable.class);
    }
  }

  private Account made() {
    Account account = Account.random(CredentialName.first(volume));
    accounts.put(account, grant, TIMEOUT);
    return account;
  }

  private static void put(Account account, String key) throws Exception {
    client(account)
        .putObject(
            PutObjectArgs.builder().bucket(BUCKET).object(key).stream(
                    new ByteArrayInputStream("data".getBytes(UTF_8)), 4, -1)
                .build());
  }

  private static String get(Account account, String key) throws Exception {
    var object = GetObjectArgs.builder().bucket(BUCKET).object(key).build();
    try (var answer = client(account).getObject(object)) {
      return new String(answer.readAllBytes(), UTF_8);
    }
  }

  private static MinioClient client(Account account) {
    return MinioClient.builder()
        .endpoint(minio.endpoint())
        .region("us-east-1")
        .credentials(account.accessKey(), account.secretKey().reveal())
        .build();
  }
}
