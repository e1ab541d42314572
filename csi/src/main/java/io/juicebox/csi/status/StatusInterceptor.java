package io.juicebox.csi.status;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Maps what a service throws to the gRPC status that the CSI specification names.
 *
 * <p>What is no {@link DriverException} is a defect: its stack trace goes to the log and the caller
 * gets a fixed text, because such a message may hold anything.
 */
public final class StatusInterceptor implements ServerInterceptor {
  private static final Logger LOG = LoggerFactory.getLogger(StatusInterceptor.class);

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    var answered = new AnsweredOnce<>(call);
    return new SimpleForwardingServerCallListener<>(next.startCall(answered, headers)) {
      @Override
      public void onHalfClose() {
        try {
          super.onHalfClose();
        } catch (RuntimeException | Error e) {
          answered.fail(e);
        }
      }
    };
  }

  /** Knows whether the service has answered: a call can't be closed twice. */
  private static final class AnsweredOnce<Q, A> extends SimpleForwardingServerCall<Q, A> {
    private boolean closed; // a unary service answers on the thread that its failure comes from

    AnsweredOnce(ServerCall<Q, A> call) {
      super(call);
    }

    @Override
    public void close(Status status, Metadata trailers) {
      closed = true;
      super.close(status, trailers);
    }

    void fail(Throwable e) {
      if (closed || isDefect(e)) {
        LOG.error("{} failed", getMethodDescriptor().getFullMethodName(), e);
      }
      if (!closed) {
        close(statusOf(e), ReceivedFailure.trailersOf(e));
      }
    }
  }

  private static boolean isDefect(Throwable e) {
    return !(e instanceof DriverException) && !(e instanceof StatusRuntimeException);
  }

  /** The status that the caller of an RPC sees for a failure. */
  public static Status statusOf(Throwable e) {
    return switch (e) {
      case DriverException known -> codeOf(known).withDescription(known.getMessage());
      case StatusRuntimeException grpc -> grpc.getStatus();
      default -> Status.INTERNAL.withDescription("internal error, see the driver log");
    };
  }

  private static Status codeOf(DriverException e) {
    return switch (e) {
      case DriverException.InvalidRequest _ -> Status.INVALID_ARGUMENT;
      case DriverException.NotFound _ -> Status.NOT_FOUND;
      case DriverException.AlreadyExists _ -> Status.ALREADY_EXISTS;
      case DriverException.OperationPending _, DriverException.BadToken _ -> Status.ABORTED;
      case DriverException.OutOfRange _ -> Status.OUT_OF_RANGE;
      case DriverException.Exhausted _ -> Status.RESOURCE_EXHAUSTED;
      case DriverException.PreconditionFailed _ -> Status.FAILED_PRECONDITION;
      case DriverException.BackendUnavailable _ -> Status.UNAVAILABLE;
      case DriverException.Unauthenticated _ -> Status.UNAUTHENTICATED;
      case DriverException.Forbidden _ -> Status.PERMISSION_DENIED;
      case DriverException.Late _ -> Status.DEADLINE_EXCEEDED;
      case DriverException.Unsupported _ -> Status.UNIMPLEMENTED;
      case DriverException.Failed _ -> Status.INTERNAL;
    };
  }
}
