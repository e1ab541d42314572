package io.juicebox.csi.server;

import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.StatusRuntimeException;
import io.juicebox.csi.status.DriverException.InvalidRequest;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * Makes a request that is no message of its type, such as one with wrong UTF-8, a failure of the
 * service like any other: an InvalidRequest that the interceptors see.
 *
 * <p>Left alone, gRPC parses outside of all interceptors: the caller gets UNKNOWN, and neither the
 * log nor the metrics hear of the call.
 */
final class UnreadableRequests {
  private UnreadableRequests() {}

  /** The service, with each of its methods refusing such requests. */
  static ServerServiceDefinition refusedBy(ServerServiceDefinition service) {
    var methods = service.getMethods().stream().map(UnreadableRequests::refusedBy).toList();
    var descriptor =
        ServiceDescriptor.newBuilder(service.getServiceDescriptor().getName())
            .setSchemaDescriptor(service.getServiceDescriptor().getSchemaDescriptor());
    methods.forEach(method -> descriptor.addMethod(method.getMethodDescriptor()));
    var definition = ServerServiceDefinition.builder(descriptor.build());
    methods.forEach(definition::addMethod);
    return definition.build();
  }

  private static <Q, A> ServerMethodDefinition<Q, A> refusedBy(
      ServerMethodDefinition<Q, A> method) {
    MethodDescriptor<Q, A> descriptor = method.getMethodDescriptor();
    ServerCallHandler<Q, A> handler = method.getServerCallHandler();
    return ServerMethodDefinition.create(
        descriptor.toBuilder()
            .setRequestMarshaller(new Lenient<>(descriptor.getRequestMarshaller()))
            .build(),
        (call, headers) -> new Refusing<>(handler.startCall(call, headers)));
  }

  /** Stands for a request that could not be read. */
  private record Unreadable(String why) {}

  private record Lenient<Q>(Marshaller<Q> strict) implements Marshaller<Q> {
    @Override
    public InputStream stream(Q request) {
      return strict.stream(request);
    }

    @Override
    @SuppressWarnings(
        "unchecked") // only a service's own code relies on the type; Refusing hides it
    public Q parse(InputStream stream) {
      try {
        return strict.parse(stream);
      } catch (StatusRuntimeException e) {
        String why =
            e.getCause() instanceof InvalidProtocolBufferException cause
                ? String.valueOf(cause.getMessage())
                : String.valueOf(e.getMessage());
        return (Q) new Unreadable(why);
      }
    }
  }

  private static final class Refusing<Q> extends SimpleForwardingServerCallListener<Q> {
    private @Nullable Unreadable unreadable;

    Refusing(ServerCall.Listener<Q> service) {
      super(service);
    }

    @Override
    public void onMessage(Q request) {
      if (request instanceof Unreadable found) {
        unreadable = found;
      } else {
        super.onMessage(request);
      }
    }

    @Override
    public void onHalfClose() {
      if (unreadable != null) {
        throw new InvalidRequest("the request", "can't be read: " + unreadable.why());
      }
      super.onHalfClose();
    }
  }
}
