package io.juicebox.controller.kube;

import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A lasting trouble with the API server in the log: how it begins, becomes another one and ends.
 */
final class Trouble {
  private static final Logger LOG = LoggerFactory.getLogger(Trouble.class);
  private static final int NONE = -1;

  private final String what;
  private final AtomicInteger code = new AtomicInteger(NONE);

  /**
   * @param what doesn't work, the first words of the line
   */
  Trouble(String what) {
    this.what = what;
  }

  void met(Throwable e) {
    int now = codeOf(e);
    if (code.getAndSet(now) != now) {
      LOG.warn("{}: {}; it is tried again and again", what, reason(e));
    }
  }

  void over() {
    if (code.getAndSet(NONE) != NONE) {
      LOG.info("{}: no more", what);
    }
  }

  /** The HTTP status; 0 when there was no answer at all. */
  static int codeOf(Throwable e) {
    return e instanceof KubernetesClientException refusal ? Math.max(0, refusal.getCode()) : 0;
  }

  /** The API server's own words, which name the user and the right that is missing. */
  static String reason(Throwable e) {
    if (e instanceof KubernetesClientException refusal
        && refusal.getStatus() != null
        && refusal.getStatus().getMessage() != null) {
      return refusal.getStatus().getMessage();
    }
    Throwable cause = e;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return Objects.requireNonNullElse(cause.getMessage(), cause.toString());
  }
}
