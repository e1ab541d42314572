package io.juicebox.controller.object;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.juicebox.csi.status.DriverException.BackendUnavailable;
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
 * <p>To make a user takes a third of a second of a processor here and 64 MiB, which the server
 * needs too: both derive a key by Argon2 (minio-admin 8.6.0). So does a list of users.
 */
public final class MinioAccounts implements Accounts, AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** So many keys at once fit in the heap, see jvm.options, which all backends share. */
  private static final int KEYS_AT_ONCE = 2;

  private static final Duration LIST_PATIENCE = Duration.ofSeconds(30);
  private static final Semaphore DERIVING = new Semaphore(KEYS_AT_ONCE, true);

  /** What stands before the body in the text of a refusal, which has no other form. */
  private static final String REFUSAL = "Request failed with response:";

  private static final String NOBODY = "juicebox-asks";
  private static final String NO_SUCH_USER = "XMinioAdminNoSuchUser";
  private static final String NO_SUCH_POLICY = "XMinioAdminNoSuchPolicy";

  private final ObjectStoreFailures failures;
  private final OkHttpClient http;
  private final MinioAdminClient client;
  private final AtomicBoolean offered = new AtomicBoolean();

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

  /**
   * The user last but one, so that one without a policy, which may do nothing, is all that is left
   * half-way.
   */
  @Override
  public void put(Account account, Grant grant, Duration patience) {
    String name = account.accessKey();
    grant(name, grant);
    Order user =
        () ->
            client.addUser(
                name, UserInfo.Status.ENABLED, account.secretKey().reveal(), null, List.of());
    derivingKey(patience, () -> order(user));
    order(() -> client.setPolicy(name, false, name));
  }

  /** Its policy has its name. */
  @Override
  public void grant(String accessKey, Grant grant) {
    String policy = text(grant);
    order(() -> client.addCannedPolicy(accessKey, policy));
  }

  private static void derivingKey(Duration patience, Runnable work) {
    try {
      if (!DERIVING.tryAcquire(patience.toNanos(), TimeUnit.NANOSECONDS)) {
        throw new Late("waiting for other accounts to be made", patience);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Failed("waiting for other accounts was interrupted", e);
    }
    try {
      work.run();
    } finally {
      DERIVING.release();
      giveMemoryBack();
    }
  }

  /**
   * What a key was derived in is garbage that would stay, because an idle controller allocates too
   * little for a collection. Not while others need as much.
   */
  private static void giveMemoryBack() {
    if (DERIVING.availablePermits() == KEYS_AT_ONCE) {
      System.gc();
    }
  }

  @Override
  public void remove(String accessKey) {
    orderUnless(NO_SUCH_USER, () -> client.deleteUser(accessKey));
    orderUnless(NO_SUCH_POLICY, () -> client.removeCannedPolicy(accessKey));
  }

  @Override
  public Set<String> missing(Collection<String> accessKeys) {
    var missing = new TreeSet<>(accessKeys);
    derivingKey(LIST_PATIENCE, () -> missing.removeAll(call(client::listUsers).keySet()));
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
    if (code.equals(NO_SUCH_POLICY)) { // seen a second after a start: it had just been given it
      return new BackendUnavailable(failures.server(), "it has yet to read its own policies", e);
    }
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
