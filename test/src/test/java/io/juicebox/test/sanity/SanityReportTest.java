package io.juicebox.test.sanity;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SanityReportTest {

  @Test
  void readsGinkgosReport(@TempDir Path directory) throws IOException {
    var file =
        Files.writeString(
            directory.resolve("report.xml"),
            """
            <testsuites><testsuite name="CSI Driver Test Suite">
              <testcase name="[BeforeSuite]" status="passed"/>
              <testcase name="[It] Identity Service Probe should work" status="passed"/>
              <testcase name="[It] Node Service should work" status="failed"><failure message="no"/></testcase>
              <testcase name="[It] NodeStageVolume should fail" status="skipped">
                <skipped message="skipped - NodeStageVolume not supported"/></testcase>
            </testsuite></testsuites>
            """);
    var report = SanityReport.read(file);
    assertThat(report.passed()).isEqualTo(1);
    assertThat(report.failed()).containsExactly("Node Service should work");
    assertThat(report.skipped())
        .containsExactly(
            new SanityReport.Skip("NodeStageVolume should fail", "NodeStageVolume not supported"));
    assertThat(AllowedSkips.capability(report.skipped().getFirst().reason()))
        .contains("STAGE_UNSTAGE_VOLUME");
    assertThat(AllowedSkips.capability("CreateVolume not supported")).isEmpty();
  }
}
