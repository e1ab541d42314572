package io.juicebox.controller.object;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.juicebox.csi.status.DriverException.Failed;
import io.juicebox.csi.status.DriverException.Late;
import io.juicebox.csi.status.Printable;
import io.juicebox.csi.volume.BackendConnection;
import io.minio.admin.MinioAdminClient;
import io.minio.admin.UserInfo;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import okhttp3.OkHttpClient;
import org.bouncycastle.crypto.InvalidCipherTextException;
import org.jspecify.annotations.Nullable;

/**
 * MinIO's users, each with a policy of its own name.
 *
 * <p>Not its service accounts: each of these may list and delete all others that belong to the same
 * key (MinIO's cmd/admin-handlers-users.go), and ours would all belong to the controller's.
 *
 * <p>To make a user takes a good part of a second of a processor and 64 MiB here, and as much again
 * on the server: both derive a key by Argon2 (minio-admin 8.6.0).
 */
public final class MinioAccounts implements Accounts, AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** What stands before the body in the text of a refusal, which has no other form. */
  private static final String REFUSAL = "Request failed with response:";

  private static final String NOBODY = "juicebox-asks";
  private static final String NO_SUCH_USER = "XMinioAdminNoSuchUser";
  private static final String NO_SUCH_POLICY = "XMinioAdminNoSuchPolicy";

  private final ObjectStoreFailures failures;
  private final OkHttpClient http;
  private final MinioAdminClient client;
  private final AtomicBoolean offered = new AtomicBoolean();
  private final Semaphore making = new Semaphore(1, true);

  /** A request to the API. */
  @FunctionalInterface
  private interface Request<T> {
    T send() throws IOException, GeneralSecurityException, InvalidCipherTextException;
  }

  /** A request to the API that has no answer. */
  @FunctionalInterface
  private interface Order {
    void send() throws IOException, GeneralSecurityException, InvalidCipherTextException;
  }

  /** Connects with the first request. */
  public MinioAccounts(BackendConnection backend, Duration timeout) {
    this.failures = new ObjectStoreFailures(backend.objectStoreName());
    this.http = S3ObjectStore.http(backend, timeout);
    this.client =
        MinioAdminClient.builder()
            .endpoint(backend.objectEndpoint().toString())
            .region(backend.objectRegion())
            .credentials(backend.objectAccessKey().reveal(), backend.objectSecretKey().reveal())
            .httpClient(http)
            .build();
  }

  @Override
  public void requireOffered() {
    if (!offered.get()) {
      orderUnless(NO_SUCH_USER, () -> client.getUserInfo(NOBODY));
      offered.set(true);
    }
  }

  @Override
  public void put(Account account, Grant grant, Duration patience) {
    try {
      if (!making.tryAcquire(patience.toNanos(), TimeUnit.NANOSECONDS)) {
        throw new Late("waiting for other accounts to be made", patience);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Failed("the making of an account was interrupted", e);
    }
    try {
      put(account, grant);
    } finally {
      making.release();
    }
  }

  /**
   * The user last but one, so that one without a policy, which may do nothing, is all that is left
   * half-way.
   */
  private void put(Account account, Grant grant) {
    String name = account.accessKey();
    String policy = text(grant);
    order(() -> client.addCannedPolicy(name, policy));
    order(() ->
        client.addUser(
            name, UserInfo.Status.ENABLED, account.secretKey().reveal(), null, List.of()));
    order(() -> client.setPolicy(name, false, name));
  }

  @Override
  public void remove(String accessKey) {
    orderUnless(NO_SUCH_USER, () -> client.deleteUser(accessKey));
    orderUnless(NO_SUCH_POLICY, () -> client.removeCannedPolicy(accessKey));
  }

  @Override
  public Set<String> missing(Collection<String> accessKeys) {
    Set<String> there = call(client::listUsers).keySet();
    var missing = new TreeSet<>(accessKeys);
    missing.removeAll(there);
    return missing;
  }

  @Override
  public void close() {
    http.dispatcher().executorService().shutdown();
    http.connectionPool().evictAll();
  }

  private static String text(Grant grant) {
    try {
      return JSON.writeValueAsString(grant.policy());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private void order(Order order) {
    var _ =
        call(() -> {
          order.send();
          return order;
        });
  }

  /** A refusal of this code means that there is nothing to do. */
  private void orderUnless(String accepted, Order order) {
    order(() -> {
      try {
        order.send();
      } catch (RuntimeException e) {
        if (!code(e).equals(accepted)) {
          throw e;
        }
      }
    });
  }

  private <T> T call(Request<T> request) {
    try {
      return request.send();
    } catch (IOException | GeneralSecurityException e) {
      throw failures.of(e);
    } catch (InvalidCipherTextException e) {
      throw new Failed("the answer of " + failures.server() + " can't be decrypted", e);
    } catch (RuntimeException e) {
      throw refusal(e);
    }
  }

  private RuntimeException refusal(RuntimeException e) {
    JsonNode body = body(e);
    String code = body.path("Code").asText();
    return code.isEmpty()
        ? failures.noAccounts(Printable.of(String.valueOf(e.getMessage())), e)
        : failures.ofReply(code, Printable.of(body.path("Message").asText()), 0, e);
  }

  private static String code(RuntimeException e) {
    return body(e).path("Code").asText();
  }

  private static JsonNode body(RuntimeException e) {
    String text = String.valueOf(e.getMessage());
    int start = text.indexOf(REFUSAL);
    return start < 0 ? JSON.nullNode() : parsed(text.substring(start + REFUSAL.length()));
  }

  private static JsonNode parsed(String body) {
    try {
      @Nullable JsonNode parsed = JSON.readTree(body);
      return parsed == null ? JSON.nullNode() : parsed;
    } catch (JsonProcessingException e) {
      return JSON.nullNode();
    }
  }
}
