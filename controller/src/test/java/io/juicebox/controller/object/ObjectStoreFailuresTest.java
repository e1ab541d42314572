package io.juicebox.controller.object;

import static org.assertj.core.api.Assertions.assertThat;

import io.juicebox.csi.status.DriverException;
import io.juicebox.csi.status.DriverException.BackendUnavailable;
import io.juicebox.csi.status.DriverException.Exhausted;
import io.juicebox.csi.status.DriverException.Failed;
import io.juicebox.csi.status.DriverException.Forbidden;
import io.juicebox.csi.status.DriverException.PreconditionFailed;
import io.juicebox.csi.status.DriverException.Unauthenticated;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ObjectStoreFailuresTest {
  private static final ObjectStoreFailures FAILURES =
      new ObjectStoreFailures("the object store at 127.0.0.1:9000");

  static Object[] replies() {
    return new Object[] {
      Arguments.of("InvalidAccessKeyId", 403, Unauthenticated.class),
      Arguments.of("SignatureDoesNotMatch", 403, Unauthenticated.class),
      Arguments.of("AuthorizationHeaderMalformed", 400, Unauthenticated.class),
      Arguments.of("AccessDenied", 403, Forbidden.class),
      Arguments.of("RequestTimeTooSkewed", 403, BackendUnavailable.class),
      Arguments.of("XMinioStorageFull", 507, Exhausted.class),
      Arguments.of("NoSuchBucket", 404, PreconditionFailed.class),
      Arguments.of("NoSuchKey", 404, Failed.class),
      Arguments.of("SlowDown", 503, BackendUnavailable.class),
      Arguments.of("XMinioServerNotInitialized", 503, BackendUnavailable.class),
      Arguments.of("MalformedXML", 400, Failed.class),
    };
  }

  @ParameterizedTest
  @MethodSource("replies")
  void aReplyMeansWhatTheCallerCanActOn(
      String code, int status, Class<? extends DriverException> meaning) {
    assertThat(FAILURES.ofReply(code, "why", status, null))
        .isInstanceOf(meaning)
        .hasMessageContaining("the object store at 127.0.0.1:9000")
        .hasMessageContaining(code);
  }

  @Test
  void aStoreThatIsNotReachedIsUnavailable() {
    assertThat(FAILURES.of(new ConnectException("Connection refused")))
        .isInstanceOf(BackendUnavailable.class)
        .hasMessageContaining("Connection refused");
    assertThat(FAILURES.of(new InterruptedIOException("timeout")))
        .isInstanceOf(BackendUnavailable.class)
        .hasMessageContaining("no answer in time");
  }
}
