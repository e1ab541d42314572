package io.juicebox.controller.object;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import io.juicebox.csi.status.DriverException.PreconditionFailed;
import io.juicebox.csi.tls.ServerTrust;
import io.juicebox.csi.volume.BackendConnection;
import io.juicebox.csi.volume.Lineage;
import io.juicebox.csi.volume.VolumeId;
import io.minio.GetObjectArgs;
import io.minio.ListObjectsArgs;
import io.minio.MakeBucketArgs;
import io.minio.MinioClient;
import io.minio.PutObjectArgs;
import io.minio.RemoveBucketArgs;
import io.minio.RemoveObjectArgs;
import io.minio.RemoveObjectsArgs;
import io.minio.Result;
import io.minio.UploadObjectArgs;
import io.minio.errors.ErrorResponseException;
import io.minio.errors.MinioException;
import io.minio.messages.DeleteError;
import io.minio.messages.DeleteObject;
import io.minio.messages.Item;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import okhttp3.Dispatcher;
import okhttp3.OkHttpClient;

/**
 * An {@link ObjectStore} behind the S3 API. Each request ends within the timeout, and a second more
 * where its connection broke; a method makes one or two.
 */
public final class S3ObjectStore implements ObjectStore, AutoCloseable {
  private static final Duration LONGEST_CONNECT = Duration.ofSeconds(3);
  private static final Duration AT_ONCE = Duration.ofSeconds(1);
  private static final int REQUESTS_AT_ONCE = 64;

  /** Of an object that is sent or read in several requests; what S3 takes at least. */
  private static final long PART = 5L << 20;

  /** What one DeleteObjects request takes. */
  private static final int LARGEST_BATCH = 1_000;

  private final ObjectStoreFailures failures;
  private final OkHttpClient http;
  private final MinioClient client;

  /** A request, or several, to the store. */
  @FunctionalInterface
  private interface Request<T> {
    T send() throws MinioException, IOException, GeneralSecurityException;
  }

  /** Connects with the first request. */
  public S3ObjectStore(BackendConnection backend, Duration timeout) {
    this.failures = new ObjectStoreFailures(backend.objectStoreName());
    this.http = http(backend, timeout);
    this.client =
        MinioClient.builder()
            .endpoint(backend.objectEndpoint().toString())
            // Without a region the client first asks for the bucket's, which few keys may.
            .region(backend.objectRegion())
            .credentials(backend.objectAccessKey().reveal(), backend.objectSecretKey().reveal())
            .httpClient(http)
            .build();
  }

  /** A client of a backend whose every request ends within the timeout. */
  static OkHttpClient http(BackendConnection backend, Duration timeout) {
    var dispatcher = new Dispatcher(Executors.newVirtualThreadPerTaskExecutor());
    dispatcher.setMaxRequests(REQUESTS_AT_ONCE);
    dispatcher.setMaxRequestsPerHost(REQUESTS_AT_ONCE);
    var http =
        new OkHttpClient.Builder()
            .dispatcher(dispatcher)
            .connectTimeout(LONGEST_CONNECT.compareTo(timeout) < 0 ? LONGEST_CONNECT : timeout)
            .readTimeout(timeout)
            .writeTimeout(timeout)
            .callTimeout(timeout);
    backend
        .objectAuthorities()
        .map(ServerTrust::in)
        .ifPresent(trust -> http.sslSocketFactory(trust.sockets(), trust.manager()));
    return http.build();
  }

  @Override
  public Bucket find(String bucket) {
    // A listing and not a HEAD: the refusal of a HEAD has no body to tell a wrong key from a right
    // one.
    var one = ListObjectsArgs.builder().bucket(bucket).maxKeys(1).build();
    return call(() -> {
      try {
        for (Result<Item> result : client.listObjects(one)) {
          result.get();
          break;
        }
        return Bucket.PRESENT;
      } catch (ErrorResponseException e) {
        if (isCode(e, "NoSuchBucket")) {
          return Bucket.ABSENT;
        }
        throw e;
      }
    });
  }

  @Override
  public void ensureBucket(String bucket) {
    if (find(bucket) == Bucket.PRESENT) {
      return;
    }
    call(() -> {
      try {
        client.makeBucket(MakeBucketArgs.builder().bucket(bucket).build());
      } catch (ErrorResponseException e) {
        if (!isCode(e, "BucketAlreadyOwnedByYou")) {
          throw e;
        }
      }
      return bucket;
    });
  }

  @Override
  public void putOwner(String bucket, Lineage lineage, VolumeId volume) {
    byte[] content = volume.value().getBytes(UTF_8);
    call(() ->
        client.putObject(
            PutObjectArgs.builder().bucket(bucket).object(lineage.ownerKey()).stream(
                    new ByteArrayInputStream(content), content.length, -1)
                .contentType("text/plain")
                .build()));
  }

  @Override
  public void removeOwner(String bucket, Lineage lineage) {
    call(() -> {
      try {
        client.removeObject(
            RemoveObjectArgs.builder().bucket(bucket).object(lineage.ownerKey()).build());
      } catch (ErrorResponseException e) {
        if (!isCode(e, "NoSuchBucket")) {
          throw e;
        }
      }
      return bucket;
    });
  }

  @Override
  public int deleteBatch(String bucket, String prefix, int most) {
    checkBatch(most);
    return call(() -> {
      List<DeleteObject> page =
          list(bucket, prefix, Optional.empty(), most).stream()
              .map(stored -> new DeleteObject(stored.key()))
              .toList();
      return page.isEmpty() ? 0 : delete(bucket, page);
    });
  }

  @Override
  public void deleteKeys(String bucket, List<String> keys) {
    checkBatch(keys.size());
    call(() -> delete(bucket, keys.stream().map(DeleteObject::new).toList()));
  }

  @Override
  public List<Stored> page(String bucket, String prefix, Optional<String> after, int most) {
    checkBatch(most);
    return call(() -> list(bucket, prefix, after, most));
  }

  @Override
  public void put(String bucket, String key, Path file) {
    call(() ->
        client.uploadObject(
            UploadObjectArgs.builder()
                .bucket(bucket)
                .object(key)
                .filename(file.toString(), PART)
                .build()));
  }

  @Override
  public boolean get(String bucket, String key, Path file) {
    try (var out = FileChannel.open(file, CREATE, TRUNCATE_EXISTING, WRITE)) {
      long size = 1;
      for (long at = 0; at < size; at += PART) {
        Optional<Long> found = range(bucket, key, at, out);
        if (found.isEmpty()) {
          return false;
        }
        size = found.get();
      }
      return true;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Reads a part of an object, because the timeout is that of a whole answer.
   *
   * @return how many bytes the object has; empty when it is not there
   */
  private Optional<Long> range(String bucket, String key, long from, FileChannel to) {
    var args = GetObjectArgs.builder().bucket(bucket).object(key).offset(from).length(PART).build();
    return call(() -> {
      try (var in = client.getObject(args)) {
        var bytes = ByteBuffer.wrap(in.readAllBytes());
        while (bytes.hasRemaining()) {
          to.write(bytes, from + bytes.position());
        }
        String place = String.valueOf(in.headers().get("Content-Range")); // bytes 0-99/100
        return Optional.of(Long.parseLong(place.substring(place.indexOf('/') + 1)));
      } catch (ErrorResponseException e) {
        if (isCode(e, "NoSuchKey")) {
          return Optional.empty();
        }
        throw e;
      }
    });
  }

  private static void checkBatch(int objects) {
    if (objects < 1 || objects > LARGEST_BATCH) {
      throw new IllegalArgumentException("a batch is 1 to 1,000 objects: " + objects);
    }
  }

  @Override
  public void removeBucket(String bucket) {
    call(() -> {
      try {
        client.removeBucket(RemoveBucketArgs.builder().bucket(bucket).build());
      } catch (ErrorResponseException e) {
        if (isCode(e, "BucketNotEmpty")) {
          throw new PreconditionFailed(
              "bucket %s of %s holds objects that are not the volume's: move them away"
                  .formatted(bucket, failures.server()));
        }
        if (!isCode(e, "NoSuchBucket")) {
          throw e;
        }
      }
      return bucket;
    });
  }

  @Override
  public void close() {
    http.dispatcher().executorService().shutdown();
    http.connectionPool().evictAll();
    try {
      client.close();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private List<Stored> list(String bucket, String prefix, Optional<String> after, int most)
      throws MinioException, IOException, GeneralSecurityException {
    var args =
        ListObjectsArgs.builder().bucket(bucket).prefix(prefix).recursive(true).maxKeys(most);
    after.ifPresent(args::startAfter);
    var page = new ArrayList<Stored>(most);
    for (Result<Item> result : client.listObjects(args.build())) {
      Item item = result.get();
      page.add(new Stored(item.objectName(), item.lastModified().toInstant()));
      if (page.size() == most) {
        break;
      }
    }
    return page;
  }

  private int delete(String bucket, List<DeleteObject> page)
      throws MinioException, IOException, GeneralSecurityException {
    var args = RemoveObjectsArgs.builder().bucket(bucket).objects(page).build();
    for (Result<DeleteError> result : client.removeObjects(args)) {
      DeleteError error = result.get();
      throw failures.ofReply(
          String.valueOf(error.code()),
          "deleting %s: %s".formatted(error.objectName(), error.message()),
          200,
          null);
    }
    return page.size();
  }

  private <T> T call(Request<T> request) {
    try {
      return twice(request);
    } catch (MinioException | IOException | GeneralSecurityException e) {
      throw failures.of(e);
    }
  }

  /**
   * Sends it once more where the connection broke at once: most likely it had been kept from before
   * and the server has been restarted since. The client itself repeats only what has no body. Every
   * request here may be repeated.
   */
  private <T> T twice(Request<T> request)
      throws MinioException, IOException, GeneralSecurityException {
    long began = System.nanoTime();
    try {
      return request.send();
    } catch (InterruptedIOException | ConnectException e) {
      throw e; // silent, or not there
    } catch (IOException e) {
      if (System.nanoTime() - began > AT_ONCE.toNanos()) {
        throw e;
      }
      http.connectionPool().evictAll();
      return request.send();
    }
  }

  private static boolean isCode(ErrorResponseException e, String code) {
    return code.equals(e.errorResponse().code());
  }
}
