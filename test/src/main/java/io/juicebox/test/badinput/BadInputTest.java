package io.juicebox.test.badinput;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.juicebox.test.stack.Inventory;
import io.juicebox.test.stack.LocalStack;
import io.juicebox.test.stack.Rounds;
import io.juicebox.test.table.Outcome;
import io.juicebox.test.table.Table;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

@Tag("badinput")
@DisplayName("Wrong input")
final class BadInputTest {
  /** The bound for wrong keys; what is only malformed is refused at once. */
  private static final Duration LONGEST = Duration.ofSeconds(5L * Rounds.LENIENCE);

  private static final int MESSAGE_WIDTH = 90;

  private static final Table TABLE =
      new Table(
          "Bad input: what is sent, and what comes back",
          "call",
          "field",
          "input",
          "code",
          "message");

  private static Fixture fixture;
  private static Inventory inventory;

  @BeforeAll
  static void start() throws IOException {
    fixture =
        new Fixture(
            LocalStack.builder()
                .backend(Fixture.OTHER_BACKEND)
                .node("CREDENTIALS_DIR", "")
                .start());
    inventory = fixture.stack().inventory();
  }

  @AfterAll
  static void end() {
    try (var _ = fixture) {
      TABLE.print(System.out);
    }
  }

  @TestFactory
  @DisplayName("is refused and changes nothing")
  Stream<DynamicContainer> cases() {
    var calls =
        Stream.of(
                CreateCases.of(fixture),
                SourceCases.of(fixture),
                SnapshotCases.of(fixture),
                ControllerCases.of(fixture),
                ValidateCases.of(fixture),
                NodeCases.of(fixture),
                PublishCases.of(fixture))
            .flatMap(List::stream)
            .collect(Collectors.groupingBy(Case::rpc, LinkedHashMap::new, Collectors.toList()));
    return calls.entrySet().stream()
        .map(call -> dynamicContainer(call.getKey(), tests(call.getValue())));
  }

  private static Stream<DynamicTest> tests(List<Case> cases) {
    var known = new HashMap<String, Integer>();
    return cases.stream()
        .map(it -> dynamicTest(unique(it.field() + ", " + it.input(), known), () -> run(it)));
  }

  /** Several inputs may look alike in words. */
  private static String unique(String name, Map<String, Integer> known) {
    var count = known.merge(name, 1, Integer::sum);
    return count == 1 ? name : name + " (" + count + ")";
  }

  private static void run(Case it) {
    var outcome = Outcome.of(it.call());
    var message = outcome.answer().orElse(outcome.message());
    TABLE.add(
        it.rpc(),
        it.field(),
        it.input(),
        outcome.code(),
        Shown.cut(message.replace("\n", "\\n"), MESSAGE_WIDTH));
    assertThat(outcome.code()).as("the code of: %s", outcome).isEqualTo(it.code());
    assertThat(message).containsPattern(Pattern.compile(it.message(), Pattern.DOTALL));
    assertThat(outcome.took()).isLessThan(LONGEST);
    requireNoSecret(message);
    requireUnchanged();
  }

  private static void requireNoSecret(String message) {
    var secrets = fixture.stack().backend().secrets();
    for (var key : List.of("redis-password", "object-secret-key")) {
      assertThat(message).doesNotContain(String.valueOf(secrets.get(key)));
    }
  }

  /** What one case has changed is not held against the next. */
  private static void requireUnchanged() {
    var before = inventory;
    inventory = fixture.stack().inventory();
    assertThat(inventory.since(before)).as("what the call changed").isEmpty();
  }
}
