package io.juicebox.csi.object;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class S3ErrorTest {

  @ParameterizedTest
  @CsvSource({
    "InvalidAccessKeyId, BAD_KEYS",
    "SignatureDoesNotMatch, BAD_KEYS",
    "AuthorizationHeaderMalformed, BAD_KEYS",
    "AccessDenied, DENIED",
    "RequestTimeTooSkewed, CLOCKS_DIFFER",
    "XMinioStorageFull, FULL",
    "NoSuchBucket, NO_BUCKET",
    "NoSuchKey, NO_OBJECT",
    "SlowDown, BUSY",
    "MalformedXML, OTHER",
  })
  void aCodeIsAboutOneThing(String code, S3Error error) {
    assertThat(S3Error.of(code)).isEqualTo(error);
  }

  @Test
  void anAnswerMayHaveNoCode() {
    assertThat(S3Error.of(null)).isEqualTo(S3Error.OTHER);
  }
}
