package io.juicebox.node.proof;

import io.juicebox.csi.object.S3Error;
import io.juicebox.csi.status.DriverException;
import io.juicebox.csi.status.DriverException.BackendUnavailable;
import io.juicebox.csi.status.DriverException.Forbidden;
import io.juicebox.csi.status.DriverException.PreconditionFailed;
import io.juicebox.csi.status.DriverException.Unauthenticated;
import io.juicebox.csi.status.Printable;
import io.juicebox.csi.tls.ServerTrust;
import io.juicebox.csi.tls.TlsFailures;
import io.juicebox.csi.volume.BackendConnection;
import io.juicebox.csi.volume.Certificates;
import io.juicebox.csi.volume.VolumeContext;
import io.minio.GetObjectArgs;
import io.minio.MinioClient;
import io.minio.errors.ErrorResponseException;
import io.minio.errors.MinioException;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import okhttp3.ConnectionPool;
import okhttp3.ConnectionSpec;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;

/** Reads the object that every member of a lineage may read, over kept connections. */
final class OwnerObject implements AutoCloseable {
  private static final int MOST = 4096;

  private final OkHttpClient plain;

  /** One for each way to trust, with the connections of the plain one. There are few. */
  private final ConcurrentHashMap<Optional<Certificates>, OkHttpClient> encrypted =
      new ConcurrentHashMap<>();

  OwnerObject(Duration limit) {
    this.plain =
        new OkHttpClient.Builder()
            .protocols(List.of(Protocol.HTTP_1_1))
            .connectionSpecs(List.of(ConnectionSpec.CLEARTEXT)) // spares all that TLS needs
            .connectTimeout(limit.dividedBy(2))
            .callTimeout(limit)
            .connectionPool(new ConnectionPool(4, 30, TimeUnit.SECONDS))
            .build();
  }

  /** Reads it, or says why that can't be. */
  void read(VolumeContext volume, BackendConnection connection) {
    GetObjectArgs owner =
        GetObjectArgs.builder().bucket(volume.bucket()).object(volume.lineage().ownerKey()).build();
    try (var content = client(connection).getObject(owner)) {
      var _ = content.readNBytes(MOST);
    } catch (ErrorResponseException e) {
      throw answered(e, volume, connection);
    } catch (MinioException | IOException e) {
      throw unavailable(e, connection.objectStoreName());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    plain.dispatcher().executorService().shutdown();
    plain.connectionPool().evictAll();
  }

  /** A client is a few fields; what is costly, connections and threads, is shared. */
  private MinioClient client(BackendConnection connection) {
    boolean isPlain = connection.objectEndpoint().getScheme().equals("http");
    return MinioClient.builder()
        .endpoint(connection.objectEndpoint().toString())
        .region(connection.objectRegion()) // without it the client asks, and may be refused
        .credentials(connection.objectAccessKey().reveal(), connection.objectSecretKey().reveal())
        .httpClient(isPlain ? plain : encrypted(connection.objectAuthorities()), false)
        .build();
  }

  private OkHttpClient encrypted(Optional<Certificates> authorities) {
    return encrypted.computeIfAbsent(
        authorities,
        _ -> {
          var client = plain.newBuilder().connectionSpecs(List.of(ConnectionSpec.MODERN_TLS));
          authorities
              .map(ServerTrust::in)
              .ifPresent(trust -> client.sslSocketFactory(trust.sockets(), trust.manager()));
          return client.build();
        });
  }

  private static DriverException unavailable(Exception e, String server) {
    return TlsFailures.objectStore(server)
        .of(e)
        .orElseGet(() -> new BackendUnavailable(server, cause(e), e));
  }

  private static DriverException answered(
      ErrorResponseException e, VolumeContext volume, BackendConnection connection) {
    String server = connection.objectStoreName();
    String code = Printable.of(String.valueOf(e.errorResponse().code()));
    int status = e.response().code();
    return switch (S3Error.of(e.errorResponse().code())) {
      case BAD_KEYS -> new Unauthenticated(server, code);
      case DENIED ->
          new Forbidden(
              server,
              "%s on GET %s of bucket %s"
                  .formatted(code, volume.lineage().ownerKey(), volume.bucket()));
      case CLOCKS_DIFFER ->
          new BackendUnavailable(
              server, "its clock and this machine's differ too much, set them: " + code, e);
      case NO_BUCKET ->
          new PreconditionFailed(
              "bucket %s is missing in %s; the volume's data can't be reached"
                  .formatted(volume.bucket(), server));
      case NO_OBJECT ->
          new PreconditionFailed(
              "%s is missing in bucket %s of %s; the volume's objects were removed"
                  .formatted(volume.lineage().ownerKey(), volume.bucket(), server));
      case FULL, BUSY, OTHER ->
          new BackendUnavailable(server, "it answered " + status + " " + code, e);
    };
  }

  private static String cause(Exception e) {
    String text = e.getMessage();
    return Printable.of(text == null ? e.getClass().getSimpleName() : text);
  }
}
