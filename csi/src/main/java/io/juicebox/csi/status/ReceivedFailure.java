package io.juicebox.csi.status;

import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import java.util.Optional;

/**
 * Turns the status of a failed call between two programs of ours back into the failure, so that
 * whoever called the first program reads the second one's very words.
 *
 * <p>The code alone would not do: gRPC itself answers UNAVAILABLE and others. A trailer that only
 * {@link StatusInterceptor} sends tells the kind.
 */
public final class ReceivedFailure {
  private static final Metadata.Key<String> KIND =
      Metadata.Key.of("juicebox-failure", Metadata.ASCII_STRING_MARSHALLER);

  private ReceivedFailure() {}

  /** What the other program threw; empty when the status is gRPC's own or that of a defect. */
  public static Optional<DriverException> of(StatusRuntimeException e) {
    return Optional.ofNullable(e.getTrailers())
        .flatMap(trailers -> Optional.ofNullable(trailers.get(KIND)))
        .map(
            kind -> DriverException.received(kind, String.valueOf(e.getStatus().getDescription())));
  }

  static Metadata trailersOf(Throwable e) {
    var trailers = new Metadata();
    if (e instanceof DriverException known) {
      trailers.put(KIND, known.getClass().getSimpleName());
    }
    return trailers;
  }
}
