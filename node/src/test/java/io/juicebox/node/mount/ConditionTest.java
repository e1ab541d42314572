package io.juicebox.node.mount;

import static org.assertj.core.api.Assertions.assertThat;

import io.juicebox.node.mount.Condition.Answer;
import io.juicebox.node.mount.Condition.Server;
import java.util.UUID;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConditionTest {
  private static final UUID EXPECTED = UUID.fromString("11111111-2222-3333-4444-555555555555");
  private static final UUID OTHER = UUID.fromString("99999999-2222-3333-4444-555555555555");

  @ParameterizedTest(name = "{0}, process {1}: {2}")
  @CsvSource({
    "not mounted,  GONE,    ABSENT",
    "not mounted,  RUNNING, LEAVING",
    "our root,     RUNNING, SERVING",
    "our root,     GONE,    SERVING", // its process is in another pid namespace
    "other root,   RUNNING, BROKEN",
    "other root,   GONE,    BROKEN",
    "disconnected, RUNNING, BROKEN",
    "disconnected, GONE,    BROKEN",
    "silence,      RUNNING, SILENT", // its backend may come back
    "silence,      GONE,    BROKEN",
  })
  void isDecidedFromTheAnswerAndTheProcess(String answer, Server server, Condition condition) {
    assertThat(Condition.of(answer(answer), server, EXPECTED)).isEqualTo(condition);
  }

  private static Answer answer(String text) {
    return switch (text) {
      case "not mounted" -> new Answer.NotMounted();
      case "our root" -> new Answer.Root(EXPECTED, 1);
      case "other root" -> new Answer.Root(OTHER, 1);
      case "disconnected" -> new Answer.Disconnected();
      case "silence" -> new Answer.Silence();
      default -> throw new IllegalArgumentException(text);
    };
  }
}
