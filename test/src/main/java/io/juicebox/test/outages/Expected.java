package io.juicebox.test.outages;

import io.juicebox.test.stack.Rounds;
import java.time.Duration;

/**
 * What a call must come to.
 *
 * @param code gRPC's or HTTP's
 * @param names what the message or answer must contain; nothing in particular when empty
 * @param lacks what it must not contain; nothing in particular when empty
 * @param limit how long it may take
 */
record Expected(String code, String names, String lacks, Duration limit) {
  private static final Duration LIMIT = Duration.ofSeconds(10L * Rounds.LENIENCE);

  /** A reason is given only for what is ill. */
  private static final String ILL = "reason:";

  static Expected code(String code, String names) {
    return new Expected(code, names, "", LIMIT);
  }

  /** The answer of a healthy system. */
  static Expected healthy(Call call) {
    return switch (call) {
      case CONTROLLER_HEALTHZ, NODE_HEALTHZ, CONTROLLER_READYZ, NODE_READYZ -> code("200", "ok");
      case CONTROLLER_HEALTH, LIST_HEALTH, NODE_HEALTH -> new Expected("OK", "", ILL, LIMIT);
      default -> code("OK", "");
    };
  }

  Expected within(Duration other) {
    return new Expected(code, names, lacks, other);
  }

  boolean matches(Answer answer) {
    return answer.code().equals(code)
        && answer.text().contains(names)
        && (lacks.isEmpty() || !answer.text().contains(lacks))
        && answer.took().compareTo(limit) <= 0;
  }

  /** As the table shows it. */
  String title() {
    return names.isEmpty() ? code : code + ": " + names;
  }
}
