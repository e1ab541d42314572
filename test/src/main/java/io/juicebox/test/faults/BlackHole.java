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
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Both servers of a volume in use are there, and no packet reaches them. */
@Tag(BlackHole.STAGE)
@DisplayName("in a network of its own: packets are lost")
final class BlackHole {
  static final String STAGE = "blackhole";

  /** The system property that names the network of the machine. */
  static final String MACHINE = "network.of.the.machine";

  @RegisterExtension static final FaultTable TABLE = new FaultTable();

  private static LocalStack stack;
  private static Neighbours neighbours;

  @BeforeAll
  static void start() throws IOException {
    assertThat(network())
        .as("the network, which must not be that of the machine")
        .isNotEqualTo(System.getProperty(MACHINE));
    stack = LocalStack.builder().backend(Away.BLACK_HOLE.backend()).mountService().start();
    neighbours = Neighbours.start(stack);
  }

  /** The kernel's name of this process's network. */
  static String network() throws IOException {
    return Files.readSymbolicLink(Path.of("/proc/self/ns/net")).toString();
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
    var row = new AwayRun(stack).of(Away.BLACK_HOLE);
    neighbours.tell(row);
    row.finish(TABLE);
  }
}
