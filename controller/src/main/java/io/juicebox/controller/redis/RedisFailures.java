package io.juicebox.controller.redis;

import io.juicebox.csi.status.DriverException;
import io.juicebox.csi.status.DriverException.BackendUnavailable;
import io.juicebox.csi.status.DriverException.Exhausted;
import io.juicebox.csi.status.DriverException.Forbidden;
import io.juicebox.csi.status.DriverException.PreconditionFailed;
import io.juicebox.csi.status.DriverException.Unauthenticated;
import io.juicebox.csi.tls.TlsFailures;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisNoScriptException;
import io.netty.handler.codec.CodecException;
import java.io.IOException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a failed call to Redis means to the caller of an RPC.
 *
 * @param server as messages name it
 */
record RedisFailures(String server) {
  /** Redis before 7 hides the code of an error within a script behind the script's own. */
  private static final Pattern WITHIN_SCRIPT =
      Pattern.compile("@user_script: ?\\d+: (?:@user_script: ?\\d+: )?-?([A-Z]{3,})\\b");

  private static final Pattern CODE = Pattern.compile("^([A-Z]{3,})\\b");

  /** The exception to throw for a failed connection or command. */
  RuntimeException of(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof RedisNoScriptException noScript) {
        return noScript;
      }
      if (cause instanceof RedisCommandExecutionException reply) {
        return ofReply(reply);
      }
    }
    Optional<DriverException> ofTls = TlsFailures.redis(server).of(failure);
    if (ofTls.isPresent()) {
      return ofTls.get();
    }
    if (failure instanceof RedisException
        || failure instanceof IOException
        || failure instanceof CodecException // what came was no reply of Redis
        || failure instanceof UnresolvedAddressException) {
      return new BackendUnavailable(server, innermost(failure), failure);
    }
    return new IllegalStateException("a call to " + server + " failed", failure);
  }

  /** The server was reached, or being reached, and said nothing in time. */
  DriverException silent(Duration timeout, Throwable cause) {
    return new BackendUnavailable(
        server, "no answer within %d ms".formatted(timeout.toMillis()), cause);
  }

  /** Another call found the connection silent and closed it. */
  DriverException cutOff(CancellationException cause) {
    return new BackendUnavailable(server, "the connection was silent and has been closed", cause);
  }

  /** The caller's thread was interrupted while it waited. */
  DriverException interrupted(InterruptedException cause) {
    return new BackendUnavailable(server, "the wait for an answer was interrupted", cause);
  }

  private RuntimeException ofReply(RedisCommandExecutionException reply) {
    String text = String.valueOf(reply.getMessage());
    return switch (code(text)) {
      case "NOAUTH", "WRONGPASS" -> new Unauthenticated(server, text);
      case "NOPERM", "DENIED" -> new Forbidden(server, text);
      case "OOM" ->
          new Exhausted(
              server + " is out of memory: raise its maxmemory or delete volumes (" + text + ")");
      case "LOADING", "BUSY", "MASTERDOWN", "READONLY", "CLUSTERDOWN", "TRYAGAIN", "NOREPLICAS" ->
          new BackendUnavailable(server, text, reply);
      case "WRONGTYPE" ->
          new PreconditionFailed(
              server + " holds a key of another kind than was written: somebody else replaced it");
      case "MISCONF" ->
          new BackendUnavailable(server, "it can't write to its disk: " + text, reply);
      default -> ofText(text, reply);
    };
  }

  /** Replies that have no code of their own. */
  private RuntimeException ofText(String text, RedisCommandExecutionException reply) {
    if (text.contains("without any password configured")) {
      return new Unauthenticated(server, text);
    }
    return text.contains("max number of clients reached") || text.contains("Script killed by user")
        ? new BackendUnavailable(server, text, reply)
        : reply;
  }

  static String code(String reply) {
    if (reply.contains("user executing the script can't")) {
      return "NOPERM"; // Redis 7.0 says ERR there
    }
    Matcher within = WITHIN_SCRIPT.matcher(reply);
    Matcher first = CODE.matcher(reply);
    boolean plain = first.find();
    if (plain && !first.group(1).equals("ERR")) {
      return first.group(1);
    }
    return within.find() ? within.group(1) : plain ? first.group(1) : "";
  }

  private static String innermost(Throwable failure) {
    Throwable cause = failure;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    String message = cause.getMessage();
    return message == null ? cause.getClass().getSimpleName() : message;
  }
}
