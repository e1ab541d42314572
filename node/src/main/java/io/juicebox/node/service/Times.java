package io.juicebox.node.service;

import com.google.protobuf.Timestamp;
import io.juicebox.csi.status.DriverException.InvalidRequest;
import io.juicebox.node.kernel.Deadline;
import java.time.Duration;
import java.time.Instant;

/** Times as the messages have them, both ways. */
final class Times {
  private Times() {}

  static com.google.protobuf.Duration message(Duration duration) {
    return com.google.protobuf.Duration.newBuilder()
        .setSeconds(duration.getSeconds())
        .setNanos(duration.getNano())
        .build();
  }

  static Timestamp message(Instant instant) {
    return Timestamp.newBuilder()
        .setSeconds(instant.getEpochSecond())
        .setNanos(instant.getNano())
        .build();
  }

  static Instant instant(Timestamp message) {
    return Instant.ofEpochSecond(message.getSeconds(), message.getNanos());
  }

  /** The deadline that a request's timeout sets from now on. */
  static Deadline deadline(com.google.protobuf.Duration timeout) {
    var duration = Duration.ofSeconds(timeout.getSeconds(), timeout.getNanos());
    if (!duration.isPositive() || duration.compareTo(Duration.ofDays(1)) > 0) {
      throw new InvalidRequest("timeout", "is missing, or is no time of at most a day");
    }
    return Deadline.after(duration);
  }
}
