package io.juicebox.controller.object;

import io.juicebox.csi.object.S3Error;
import io.juicebox.csi.status.DriverException;
import io.juicebox.csi.status.DriverException.BackendUnavailable;
import io.juicebox.csi.status.DriverException.Exhausted;
import io.juicebox.csi.status.DriverException.Failed;
import io.juicebox.csi.status.DriverException.Forbidden;
import io.juicebox.csi.status.DriverException.PreconditionFailed;
import io.juicebox.csi.status.DriverException.Unauthenticated;
import io.juicebox.csi.status.Printable;
import io.juicebox.csi.tls.TlsFailures;
import io.minio.errors.ErrorResponseException;
import io.minio.errors.InsufficientDataException;
import io.minio.errors.InternalException;
import io.minio.errors.InvalidResponseException;
import io.minio.errors.ServerException;
import io.minio.errors.XmlParserException;
import java.io.IOException;
import java.io.InterruptedIOException;
import org.jspecify.annotations.Nullable;

/**
 * What a failed request to the object store means to the caller of an RPC.
 *
 * @param server as messages name it
 */
record ObjectStoreFailures(String server) {

  /** The exception to throw for a failed request. */
  RuntimeException of(Exception failure) {
    return TlsFailures.objectStore(server)
        .of(failure)
        .map(RuntimeException.class::cast)
        .orElseGet(() -> ofOthers(failure));
  }

  private RuntimeException ofOthers(Exception failure) {
    return switch (failure) {
      case RuntimeException known -> known;
      case ErrorResponseException reply ->
          ofReply(
              String.valueOf(reply.errorResponse().code()),
              String.valueOf(reply.errorResponse().message()),
              reply.response().code(),
              reply);
      case ServerException reply ->
          new BackendUnavailable(server, "HTTP status " + reply.statusCode(), reply);
      case InterruptedIOException late ->
          new BackendUnavailable(server, "no answer in time: " + late.getMessage(), late);
      case IOException lost -> new BackendUnavailable(server, text(lost), lost);
      case InvalidResponseException strange ->
          new BackendUnavailable(server, "it does not speak S3: " + line(text(strange)), strange);
      case InsufficientDataException _, InternalException _, XmlParserException _ ->
          new BackendUnavailable(server, "its answer is broken: " + line(text(failure)), failure);
      default -> new Failed("a request to " + server + " failed: " + text(failure), failure);
    };
  }

  /**
   * @param code S3's word for the error
   * @param status of HTTP
   */
  DriverException ofReply(String code, String message, int status, @Nullable Exception cause) {
    String why = code + ": " + message;
    return switch (S3Error.of(code)) {
      case BAD_KEYS -> new Unauthenticated(server, why);
      case DENIED -> new Forbidden(server, why);
      case CLOCKS_DIFFER ->
          new BackendUnavailable(
              server, "its clock and this machine's differ too much, set them: " + why, cause);
      case FULL -> new Exhausted(server + " has no room left: " + why);
      case NO_BUCKET ->
          new PreconditionFailed(server + " has lost the bucket, create it again: " + why);
      case BUSY -> new BackendUnavailable(server, why, cause);
      case NO_OBJECT, OTHER ->
          status >= 500
              ? new BackendUnavailable(server, why, cause)
              : new Failed(server + " answered " + why, cause);
    };
  }

  /** What answered the admin API was not MinIO. */
  DriverException noAccounts(String why, Exception cause) {
    var failure =
        new PreconditionFailed(
            ("%s does not offer accounts as MinIO does (%s): set OBJECT_ACCOUNTS to none, and the"
                    + " StorageClass parameter credentials to shared")
                .formatted(server, why));
    failure.initCause(cause);
    return failure;
  }

  private static String text(Exception failure) {
    String message = failure.getMessage();
    return message == null ? failure.getClass().getSimpleName() : message;
  }

  /** A whole page may stand in the message. */
  private static String line(String text) {
    return Printable.of(text);
  }
}
