package io.juicebox.csi.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.juicebox.csi.status.DriverException.InvalidRequest;
import io.juicebox.csi.volume.MountOptions.Flag;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class MountOptionsTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      nullValues = "-",
      textBlock =
          """
          # options separated by blanks  | kernel flags
          -                              | NODEV NOSUID
          rw                             | NODEV NOSUID
          nodev nosuid                   | NODEV NOSUID
          noexec                         | NODEV NOEXEC NOSUID
          noexec,noatime                 | NOATIME NODEV NOEXEC NOSUID
          dev                            | NOSUID
          suid                           | NODEV
          dev,suid                       | ``
          noexec exec                    | NODEV NOSUID
          dev nodev                      | NODEV NOSUID
          """)
  void kernelFlagsAreNodevAndNosuidUnlessAskedOtherwise(@Nullable String options, String flags) {
    var wanted = options == null ? List.<String>of() : List.of(options.split(" ", -1));
    assertThat(MountOptions.from(wanted, false).flags())
        .isEqualTo(
            Arrays.stream(flags.split(" ", -1))
                .filter(name -> !name.isEmpty())
                .map(Flag::valueOf)
                .collect(Collectors.toSet()));
  }

  @ParameterizedTest
  @CsvSource({
    "atime-mode, relatime",
    "attr-cache, 1.5s",
    "cache-partial-only, ''",
    "dir-entry-cache, 1",
    "entry-cache, 0",
    "free-space-ratio, 0.1",
    "free-space-ratio, .25",
    "get-timeout, 60s",
    "io-retries, 10",
    "max-downloads, 200",
    "max-readahead, 0",
    "max-uploads, 20",
    "negative-entry-cache, 0.5",
    "open-cache, 0",
    "open-cache-limit, 10000",
    "prefetch, 1",
    "put-timeout, 60",
    "readdir-cache, ''",
    "verify-cache-checksum, full",
  })
  void juicefsOptionIsHandedOn(String name, String value) {
    var option = value.isEmpty() ? name : name + "=" + value;
    assertThat(MountOptions.from(List.of(option), false).juicefs()).isEqualTo(Map.of(name, value));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "atime-mode=sometimes",
        "atime-mode",
        "attr-cache",
        "attr-cache=",
        "attr-cache=-1",
        "attr-cache=1h",
        "cache-partial-only=true",
        "free-space-ratio=1",
        "free-space-ratio=1.0",
        "io-retries=1.5",
        "max-uploads=1=2",
        "max-uploads=1 --background",
        "prefetch=1\n",
        "prefetch=9999999999",
        "readdir-cache=1",
        "verify-cache-checksum=",
        "writeback=true"
      })
  void valueOfTheWrongShapeIsRefused(String option) {
    assertThatThrownBy(() -> MountOptions.from(List.of(option), true))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageStartingWith("volume_capability.mount.mount_flags has \"")
        .hasMessageContaining(option.split("=", 2)[0])
        .hasMessageEndingWith("with a value that it does not take");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "nodev,",
        ",",
        "NODEV",
        " nodev",
        "bind",
        "remount",
        "allow_other",
        "subdir=../other",
        "max-deletes=10",
        "meta-password",
        "cache-dir=/etc",
        "o",
        "--writeback",
        "-o",
        "no\0dev",
        "no\ndev"
      })
  void unknownOptionIsRefusedListingTheValidOnes(String option) {
    assertThatThrownBy(() -> MountOptions.from(List.of(option), true))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageStartingWith("volume_capability.mount.mount_flags has the unknown option \"")
        .hasMessageContaining("valid are: atime-mode, attr-cache, cache-partial-only, dev, ");
  }

  @Test
  void readOnlyIsAskedForByThePublication() {
    assertThatThrownBy(() -> MountOptions.from(List.of("ro"), false))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageContaining("readOnly: true");
  }

  @Test
  void writebackNeedsTheStorageClass() {
    assertThatThrownBy(() -> MountOptions.from(List.of("writeback"), false))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageContaining("allowWriteback: \"true\"");
  }

  @Test
  void writebackIsAcceptedWhereTheStorageClassAllowsIt() {
    assertThat(MountOptions.from(List.of("writeback"), true).juicefs())
        .isEqualTo(Map.of("writeback", ""));
  }

  @Test
  void oneOptionWithTwoValuesIsRefused() {
    assertThatThrownBy(() -> MountOptions.from(List.of("prefetch=1", "prefetch=2"), false))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageContaining("prefetch with two values");
  }

  @Test
  void sameOptionTwiceIsTheOption() {
    assertThat(MountOptions.from(List.of("prefetch=1,prefetch=1"), false))
        .isEqualTo(MountOptions.from(List.of("prefetch=1"), false));
  }

  @Test
  void orderDoesNotMatter() {
    assertThat(MountOptions.from(List.of("noexec", "prefetch=1", "io-retries=3"), false))
        .isEqualTo(MountOptions.from(List.of("io-retries=3,prefetch=1,noexec"), false));
  }

  @Test
  void noneIsWhatAPublicationWithoutOptionsHas() {
    assertThat(MountOptions.none())
        .isEqualTo(MountOptions.from(new TreeSet<>(), false))
        .extracting(MountOptions::flags)
        .isEqualTo(Set.of(Flag.NODEV, Flag.NOSUID));
  }
}
