package io.juicebox.csi.volume;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RootDirectoryTest {
  @ParameterizedTest
  @CsvSource({"0, 0, 0", "4294967294, 4294967294, 4095"})
  void idsAndModesOfTheKernelAreAccepted(long uid, long gid, int mode) {
    assertThatCode(() -> new RootDirectory(uid, gid, mode)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource({"-1, 0, 0", "4294967295, 0, 0", "0, -1, 0", "0, 4294967295, 0", "0, 0, 4096"})
  void othersAreRefused(long uid, long gid, int mode) {
    assertThatIllegalArgumentException().isThrownBy(() -> new RootDirectory(uid, gid, mode));
  }
}
