package io.juicebox.csi.log;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.grpc.Context;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.juicebox.csi.status.Printable;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Writes one line for each call: method, volume, duration and code; at debug level the request
 * without its secrets too. It also reports each call to the metrics.
 */
public final class CallLog implements ServerInterceptor {
  private static final Logger LOG = LoggerFactory.getLogger(CallLog.class);

  /** Receives what was measured of a call. */
  @FunctionalInterface
  public interface Calls {
    /** A call ended. The method is the bare name, such as {@code CreateVolume}. */
    void ended(String method, Status.Code code, Duration duration);
  }

  private final Calls calls;
  private final LongSupplier nanoTime;

  public CallLog(Calls calls) {
    this(calls, System::nanoTime);
  }

  CallLog(Calls calls, LongSupplier nanoTime) {
    this.calls = calls;
    this.nanoTime = nanoTime;
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    var logged = new LoggedCall<>(call);
    return new SimpleForwardingServerCallListener<>(next.startCall(logged, headers)) {
      @Override
      public void onMessage(Q message) {
        if (message instanceof Message request) {
          logged.request = request;
        }
        super.onMessage(message);
      }

      @Override
      public void onCancel() {
        logged.write(Status.CANCELLED.withDescription("the client gave up or was cut off"));
        super.onCancel();
      }
    };
  }

  private final class LoggedCall<Q, A> extends SimpleForwardingServerCall<Q, A> {
    private final long began = nanoTime.getAsLong();
    private volatile @Nullable Message request;
    private boolean written;

    LoggedCall(ServerCall<Q, A> call) {
      super(call);
    }

    @Override
    public void close(Status status, Metadata trailers) {
      write(status);
      super.close(status, trailers);
    }

    /** Writes the line, once: a call that the client gave up may still be closed by its service. */
    void write(Status status) {
      synchronized (this) {
        if (written) {
          return;
        }
        written = true;
      }
      String method = String.valueOf(getMethodDescriptor().getBareMethodName());
      var duration = Duration.ofNanos(nanoTime.getAsLong() - began);
      line(method, status, duration);
      calls.ended(method, status.getCode(), duration);
    }

    private void line(String method, Status status, Duration duration) {
      Message message = request;
      var event =
          LOG.atLevel(level(method, status))
              .addKeyValue("method", method)
              .addKeyValue("code", status.getCode())
              .addKeyValue("ms", duration.toNanos() / (double) TimeUnit.MILLISECONDS.toNanos(1));
      String subject = message == null ? "" : subject(message);
      if (!subject.isEmpty()) {
        event = event.addKeyValue("volume", Printable.bare(subject));
      }
      if (message != null && LOG.isDebugEnabled()) {
        event = event.addKeyValue("request", Redacted.of(message).toString());
      }
      if (Context.current().isCancelled()) {
        event = event.addKeyValue("client", "gave up"); // the work was done all the same
      }
      String why = status.getDescription();
      if (why == null || status.isOk()) {
        event.log("{} {}", method, status.getCode());
      } else {
        event.log("{} {}: {}", method, status.getCode(), why);
      }
    }
  }

  private static Level level(String method, Status status) {
    if (status.isOk() || isWatch(method)) {
      return isPolled(method) ? Level.DEBUG : Level.INFO;
    }
    return Level.WARN;
  }

  /** Calls that a CO makes all the time; when they succeed nobody wants to read of them. */
  private static boolean isPolled(String method) {
    return method.equals("Probe")
        || method.endsWith("GetCapabilities")
        || method.startsWith("GetPlugin")
        || method.equals("NodeGetVolumeStats")
        || method.equals("GetVersion")
        || isWatch(method);
  }

  /** A call that lasts as long as one of the two programs, so that its end is no failure. */
  private static boolean isWatch(String method) {
    return method.equals("WatchHealth");
  }

  /** The volume that a request speaks of: its id, else the name of the one to be created. */
  private static String subject(Message request) {
    for (String name : new String[] {"volume_id", "name"}) {
      FieldDescriptor field = request.getDescriptorForType().findFieldByName(name);
      if (field != null && request.getField(field) instanceof String value && !value.isEmpty()) {
        return value;
      }
    }
    return "";
  }
}
