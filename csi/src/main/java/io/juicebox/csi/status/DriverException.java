package io.juicebox.csi.status;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A failure that the caller of an RPC can act on; its message says what, why and what to do.
 *
 * <p>Each subtype stands for one gRPC code, see {@link StatusInterceptor}. Messages reach users and
 * logs: never put a secret into one, and text from outside only through {@link Printable}.
 */
public abstract sealed class DriverException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private DriverException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /**
   * INVALID_ARGUMENT: a field of the request, a parameter or a secret's key is missing or wrong.
   */
  public static final class InvalidRequest extends DriverException {
    private static final long serialVersionUID = 1L;

    /**
     * @param field the field as the specification spells it, {@code parameters.blockSize} and
     *     {@code secrets.redis-address} for keys of maps
     * @param reason what is wrong with it, beginning with a verb
     */
    public InvalidRequest(String field, String reason) {
      super(field + " " + reason, null);
    }

    private InvalidRequest(Received received) {
      super(received.message(), null);
    }
  }

  /** NOT_FOUND: there is no such volume, publication or path. */
  public static final class NotFound extends DriverException {
    private static final long serialVersionUID = 1L;

    public NotFound(String message) {
      super(message, null);
    }

    /** There is no volume of this id. */
    public static NotFound volume(String id) {
      return new NotFound("volume " + Printable.of(id) + " does not exist");
    }

    /** There is no snapshot of this id. */
    public static NotFound snapshot(String id) {
      return new NotFound("snapshot " + Printable.of(id) + " does not exist");
    }
  }

  /** ALREADY_EXISTS: the volume or publication is there, made by a request that said otherwise. */
  public static final class AlreadyExists extends DriverException {
    private static final long serialVersionUID = 1L;

    public AlreadyExists(String message) {
      super(message, null);
    }
  }

  /** ABORTED: another operation on the same volume is under way; call again. */
  public static final class OperationPending extends DriverException {
    private static final long serialVersionUID = 1L;

    public OperationPending(String volume) {
      super("another operation on volume " + volume + " is under way, call again", null);
    }

    /** It can't be deleted now. */
    public static OperationPending copied(String id) {
      return new OperationPending(
          new Received("a copy of %s is being made, call again".formatted(id)));
    }

    private OperationPending(Received received) {
      super(received.message(), null);
    }
  }

  /** ABORTED: a listing's starting_token is none of ours; start the listing anew. */
  public static final class BadToken extends DriverException {
    private static final long serialVersionUID = 1L;

    public BadToken(String token) {
      super(
          "starting_token " + Printable.of(token) + " is none of ours, list from the start", null);
    }

    private BadToken(Received received) {
      super(received.message(), null);
    }
  }

  /** OUT_OF_RANGE: no capacity lies within the requested bounds. */
  public static final class OutOfRange extends DriverException {
    private static final long serialVersionUID = 1L;

    public OutOfRange(String field, String reason) {
      super(field + ": " + reason, null);
    }

    private OutOfRange(Received received) {
      super(received.message(), null);
    }
  }

  /** RESOURCE_EXHAUSTED: the backend has no room for another volume. */
  public static final class Exhausted extends DriverException {
    private static final long serialVersionUID = 1L;

    public Exhausted(String message) {
      super(message, null);
    }
  }

  /** FAILED_PRECONDITION: the world has to change before the call can succeed. */
  public static final class PreconditionFailed extends DriverException {
    private static final long serialVersionUID = 1L;

    public PreconditionFailed(String message) {
      super(message, null);
    }
  }

  /** UNAVAILABLE: a server that the call needs is away; call again. */
  public static final class BackendUnavailable extends DriverException {
    private static final long serialVersionUID = 1L;

    /**
     * @param server which one and where: {@code Redis at 127.0.0.1:6379}
     * @param why what happened, without a secret
     */
    public BackendUnavailable(String server, String why, @Nullable Throwable cause) {
      super(server + " is unavailable: " + why, cause);
    }

    private BackendUnavailable(Received received) {
      super(received.message(), null);
    }
  }

  /** UNAUTHENTICATED: a server does not know the key, or the key's secret is wrong. */
  public static final class Unauthenticated extends DriverException {
    private static final long serialVersionUID = 1L;

    public Unauthenticated(String server, String why) {
      super(server + " refused the credentials: " + why, null);
    }

    private Unauthenticated(Received received) {
      super(received.message(), null);
    }
  }

  /** PERMISSION_DENIED: a server knows the key and refuses the operation. */
  public static final class Forbidden extends DriverException {
    private static final long serialVersionUID = 1L;

    public Forbidden(String server, String why) {
      super(server + " denied the operation: " + why, null);
    }

    private Forbidden(Received received) {
      super(received.message(), null);
    }
  }

  /** DEADLINE_EXCEEDED: a step did not end in its time; it may still be under way. */
  public static final class Late extends DriverException {
    private static final long serialVersionUID = 1L;

    public Late(String step, Duration limit) {
      super(step + " did not end within " + limit.toMillis() + " ms", null);
    }

    private Late(Received received) {
      super(received.message(), null);
    }
  }

  /** UNIMPLEMENTED: the specification knows the call and this program does not offer it. */
  public static final class Unsupported extends DriverException {
    private static final long serialVersionUID = 1L;

    public Unsupported(String what) {
      super(what + " is not offered by this driver", null);
    }

    private Unsupported(Received received) {
      super(received.message(), null);
    }
  }

  /** INTERNAL, with a cause that is worth telling: a mount that failed, a child that exited. */
  public static final class Failed extends DriverException {
    private static final long serialVersionUID = 1L;

    public Failed(String message, @Nullable Throwable cause) {
      super(message, cause);
    }

    public Failed(String message) {
      this(message, null);
    }
  }

  /** A message that another program has put together, to be taken word for word. */
  private record Received(String message) {}

  /**
   * What another program of ours failed with.
   *
   * @param kind the simple name of the subtype; one that this version does not know is a {@link
   *     Failed}
   */
  static DriverException received(String kind, String message) {
    var received = new Received(message);
    return switch (kind) {
      case "InvalidRequest" -> new InvalidRequest(received);
      case "NotFound" -> new NotFound(message);
      case "AlreadyExists" -> new AlreadyExists(message);
      case "OperationPending" -> new OperationPending(received);
      case "BadToken" -> new BadToken(received);
      case "OutOfRange" -> new OutOfRange(received);
      case "Exhausted" -> new Exhausted(message);
      case "PreconditionFailed" -> new PreconditionFailed(message);
      case "BackendUnavailable" -> new BackendUnavailable(received);
      case "Unauthenticated" -> new Unauthenticated(received);
      case "Forbidden" -> new Forbidden(received);
      case "Late" -> new Late(received);
      case "Unsupported" -> new Unsupported(received);
      default -> new Failed(message);
    };
  }
}
