package io.juicebox.test.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.juicebox.test.stack.LocalStack;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Both servers of a volume in use are there, and no packet reaches them. */
@Tag(BlackHole.STAGE)
@DisplayName("in a network of its own: packets are lost")
final class BlackHole {
  static final String STAGE = "blackhole";

  @RegisterExtension static final FaultTable TABLE = new FaultTable();

  private static LocalStack stack;
  private static Neighbours neighbours;

  @BeforeAll
  static void start() throws IOException {
    assertThat(Files.readSymbolicLink(Path.of("/proc/self/ns/net")))
        .as("the network, which must not be that of the machine")
        .isNotEqualTo(Files.readSymbolicLink(Path.of("/proc/1/ns/net")));
    stack = LocalStack.builder().backend(Away.BLACK_HOLE.backend()).mountService().start();
    neighbours = Neighbours.start(stack);
  }

  @AfterAll
  static void stop() {
    try (var _ = stack) {
      neighbours.close();
    }
  }

  @Test
  void everyMountRecovers() {
    var row = new AwayRun(stack).of(Away.BLACK_HOLE);
    neighbours.tell(row);
    row.finish(TABLE);
  }
}
