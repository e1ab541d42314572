package io.juicebox.node.mount;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class ProcessIdentityTest {
  private final ProcessIdentity self =
      ProcessIdentity.running(ProcessHandle.current().pid()).orElseThrow();

  @Test
  void thisProcessRuns() {
    assertThat(self.isRunning()).isTrue();
  }

  @Test
  void anotherProcessOfThePidIsNotIt() {
    assertThat(with(self.startTicks() - 1, self.bootId(), self.pidNamespace()).isRunning())
        .isFalse();
    assertThat(with(self.startTicks(), "another-boot", self.pidNamespace()).isRunning()).isFalse();
    assertThat(with(self.startTicks(), self.bootId(), "pid:[1]").isRunning()).isFalse();
  }

  @Test
  void aProcessThatEndedDoesNotRun() throws IOException, InterruptedException {
    Process child = new ProcessBuilder("sleep", "100").start();
    ProcessIdentity identity = ProcessIdentity.running(child.pid()).orElseThrow();
    assertThat(identity.isRunning()).isTrue();

    child.destroyForcibly().waitFor();

    assertThat(identity.isRunning()).isFalse();
    assertThat(ProcessIdentity.running(child.pid())).isEmpty();
  }

  private ProcessIdentity with(long startTicks, String bootId, String pidNamespace) {
    return new ProcessIdentity(self.pid(), startTicks, bootId, pidNamespace);
  }
}
