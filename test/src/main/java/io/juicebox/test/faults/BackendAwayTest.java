package io.juicebox.test.faults;

import io.juicebox.test.stack.LocalStack;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Redis or the object store of a volume in use is away: what the application sees, and that the
 * volume works again by itself, with the process that it had. All events at once, each with servers
 * of its own; the neighbours' servers are always there.
 */
@Tag("faults")
@DisplayName("faults: a server is away")
final class BackendAwayTest {
  @RegisterExtension static final FaultTable TABLE = new FaultTable();

  private static LocalStack stack;
  private static Neighbours neighbours;

  @BeforeAll
  static void start() {
    var builder = LocalStack.builder().mountService();
    for (var away : Away.HERE) {
      builder.backend(away.backend());
    }
    stack = builder.start();
    neighbours = Neighbours.start(stack);
  }

  @AfterAll
  static void stop() {
    try (var _ = stack) {
      neighbours.close();
    }
  }

  @Test
  @Timeout(1800)
  void everyMountRecovers() {
    var run = new AwayRun(stack);
    List<Row> rows;
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var events =
          Away.HERE.stream()
              .map(away -> CompletableFuture.supplyAsync(() -> run.of(away), threads))
              .toList();
      rows = events.stream().map(CompletableFuture::join).toList();
    }
    neighbours.tell(rows.getFirst());
    var failed = new ArrayList<AssertionError>();
    for (var row : rows) {
      try {
        row.finish(TABLE);
      } catch (AssertionError e) {
        failed.add(e);
      }
    }
    if (!failed.isEmpty()) {
      var all = new AssertionError(failed.size() + " events");
      failed.forEach(all::addSuppressed);
      throw new AssertionError(failed.stream().map(Throwable::getMessage).toList().toString(), all);
    }
  }
}
