package io.juicebox.csi.object;

import org.jspecify.annotations.Nullable;

/** What an object store's refusal is about, by S3's word for it: the Code in an error's body. */
public enum S3Error {
  /** The keys, or the region that they are used for, are not accepted. */
  BAD_KEYS,
  /** The keys are valid and may not do this. */
  DENIED,
  CLOCKS_DIFFER,
  FULL,
  NO_BUCKET,
  NO_OBJECT,
  BUSY,
  OTHER;

  /** What a code is about, as the object store sent it, if it sent one. */
  public static S3Error of(@Nullable String code) {
    return switch (code) {
      case "InvalidAccessKeyId",
          "SignatureDoesNotMatch",
          "InvalidSecurity",
          "InvalidTokenId",
          "ExpiredToken",
          "AuthorizationHeaderMalformed" ->
          BAD_KEYS;
      case "AccessDenied", "AllAccessDisabled", "AccountProblem" -> DENIED;
      case "RequestTimeTooSkewed" -> CLOCKS_DIFFER;
      case "XMinioStorageFull",
          "QuotaExceeded",
          "XMinioAdminBucketQuotaExceeded",
          "TooManyBuckets" ->
          FULL;
      case "NoSuchBucket" -> NO_BUCKET;
      case "NoSuchKey" -> NO_OBJECT;
      case "SlowDown", "ServiceUnavailable", "XMinioServerNotInitialized" -> BUSY;
      case null, default -> OTHER;
    };
  }
}
