package io.juicebox.test.stage;

import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/** Prints each test as it ends and the failures again, with their stack traces, at the end. */
final class Progress implements TestExecutionListener {
  private static final int FRAMES = 8;

  private final PrintStream out;
  private final Map<String, Instant> started = new HashMap<>();
  private final List<Failure> failures = new ArrayList<>();
  private @Nullable TestPlan plan;
  private int passed;

  Progress(PrintStream out) {
    this.out = out;
  }

  private record Failure(String test, String reason, @Nullable Throwable cause) {}

  @Override
  public void testPlanExecutionStarted(TestPlan started) {
    plan = started;
  }

  @Override
  public void executionStarted(TestIdentifier test) {
    started.put(test.getUniqueId(), Instant.now());
    if (isClass(test)) {
      out.println(test.getDisplayName());
    }
  }

  @Override
  public void executionFinished(TestIdentifier test, TestExecutionResult result) {
    var ok = result.getStatus() == TestExecutionResult.Status.SUCCESSFUL;
    if (!test.isTest()) {
      if (!ok) {
        // A class whose set-up or clean-up failed.
        fail(test, result.getThrowable().orElse(null));
      }
      return;
    }
    if (ok) {
      passed++;
      print("ok  ", test);
    } else {
      fail(test, result.getThrowable().orElse(null));
    }
  }

  @Override
  public void executionSkipped(TestIdentifier test, String reason) {
    print("SKIP", test);
    failures.add(new Failure(path(test), "skipped: " + reason, null));
  }

  /** A stage in which nothing ran has failed. */
  Results results(String stage) {
    return new Results(stage, passed, passed == 0 ? Math.max(1, failures.size()) : failures.size());
  }

  void printFailures(String stage) {
    for (var failure : failures) {
      out.println("\nFAILED " + failure.test + ": " + failure.reason);
      if (failure.cause != null) {
        printTrace(failure.cause);
      }
    }
    out.printf("%n%s: %d passed, %d failed%n%n", stage, passed, failures.size());
  }

  /** The frames of our own code say where; those of JUnit and of the JDK are noise. */
  private void printTrace(Throwable failure) {
    for (var cause = failure; cause != null; cause = cause.getCause()) {
      out.println((cause.equals(failure) ? "  " : "  caused by ") + cause);
      Arrays.stream(cause.getStackTrace())
          .filter(frame -> frame.getClassName().startsWith("io.juicebox."))
          .limit(FRAMES)
          .forEach(frame -> out.println("      at " + frame));
    }
  }

  private void fail(TestIdentifier test, @Nullable Throwable cause) {
    print("FAIL", test);
    var reason = cause == null ? "no reason given" : String.valueOf(cause.getMessage());
    failures.add(new Failure(path(test), reason, cause));
  }

  private void print(String outcome, TestIdentifier test) {
    var start = started.getOrDefault(test.getUniqueId(), Instant.now());
    var seconds = Duration.between(start, Instant.now()).toMillis() / 1000.0;
    out.printf("  %s %7.2f s  %s%n", outcome, seconds, path(test));
  }

  /** The display names of a test and of what it is in, below its class. */
  private String path(TestIdentifier test) {
    var parent = plan == null ? Optional.<TestIdentifier>empty() : plan.getParent(test);
    return parent
        .filter(container -> !isClass(test) && container.getParentId().isPresent())
        .map(container -> path(container) + " > " + test.getDisplayName())
        .orElse(test.getDisplayName());
  }

  private static boolean isClass(TestIdentifier test) {
    return test.getSource()
        .filter(org.junit.platform.engine.support.descriptor.ClassSource.class::isInstance)
        .isPresent();
  }
}
