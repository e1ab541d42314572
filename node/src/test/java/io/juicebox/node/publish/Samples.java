package io.juicebox.node.publish;

import io.juicebox.csi.volume.AccessMode;
import io.juicebox.csi.volume.CacheClass;
import io.juicebox.csi.volume.Lineage;
import io.juicebox.csi.volume.MountOptions;
import io.juicebox.csi.volume.MountParameters;
import io.juicebox.csi.volume.Number;
import io.juicebox.csi.volume.VolumeContext;
import io.juicebox.csi.volume.VolumeId;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;

/** Values for tests. */
final class Samples {
  static final VolumeId VOLUME = new VolumeId("default-aaaaaaaaaaaaaaaaaaaa");
  static final TargetPath TARGET = TargetPath.parse("target_path", "/pods/a/mount");
  static final VolumeContext CONTEXT = context(2);

  private Samples() {}

  static VolumeContext context(int number) {
    return new VolumeContext(
        new Number(number),
        Lineage.startedBy(VOLUME),
        UUID.fromString("00000000-0000-4000-8000-000000000001"),
        "juicebox",
        CacheClass.SINGLE,
        new MountParameters(
            1L << 30,
            Optional.empty(),
            64L << 20,
            OptionalLong.empty(),
            OptionalLong.empty(),
            OptionalLong.empty(),
            false));
  }

  static Arguments arguments(AccessMode mode, String... flags) {
    return new Arguments(
        mode, false, MountOptions.from(List.of(flags), false), CONTEXT, Optional.empty());
  }

  static Arguments ofGroup(AccessMode mode, boolean readOnly, long group) {
    return new Arguments(
        mode, readOnly, MountOptions.none(), CONTEXT, Optional.of(new MountGroup(group)));
  }

  static Arguments readOnly(AccessMode mode) {
    return new Arguments(mode, true, MountOptions.none(), CONTEXT, Optional.empty());
  }
}
