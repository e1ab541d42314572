package io.juicebox.csi.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class ReceivedFailureTest {
  static Stream<Class<?>> kinds() {
    return Arrays.stream(DriverException.class.getPermittedSubclasses());
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void eachKindComesBackWithItsMessageAndCode(Class<?> kind) {
    var thrown = DriverException.received(kind.getSimpleName(), "Redis is away: \"ü\"\nline 2");

    DriverException received = ReceivedFailure.of(sent(thrown)).orElseThrow();

    assertThat(received).isExactlyInstanceOf(kind).hasMessage(thrown.getMessage());
    assertThat(StatusInterceptor.statusOf(received).getCode())
        .isEqualTo(StatusInterceptor.statusOf(thrown).getCode());
  }

  @Test
  void aKindOfALaterVersionIsAFailure() {
    assertThat(DriverException.received("Unheard", "why"))
        .isExactlyInstanceOf(DriverException.Failed.class)
        .hasMessage("why");
  }

  @Test
  void whatGrpcItselfSaysIsNoFailureOfTheOtherProgram() {
    assertThat(ReceivedFailure.of(Status.UNAVAILABLE.asRuntimeException())).isEmpty();
    assertThat(ReceivedFailure.of(Status.UNAVAILABLE.asRuntimeException(new Metadata()))).isEmpty();
  }

  @Test
  void aDefectIsNone() {
    assertThat(ReceivedFailure.of(sent(new IllegalStateException("secret")))).isEmpty();
  }

  private static StatusRuntimeException sent(RuntimeException e) {
    return StatusInterceptor.statusOf(e).asRuntimeException(ReceivedFailure.trailersOf(e));
  }
}
