package io.juicebox.node.mount;

import io.juicebox.csi.volume.VolumeId;
import io.juicebox.node.descriptor.DescriptorKeeper;
import io.juicebox.node.kernel.MountInfo;
import io.juicebox.node.mount.Condition.Answer;
import java.time.Duration;
import java.util.Optional;

/** Looks at what there is of a volume's mount. */
final class Inspection {
  private final Root root;
  private final DescriptorKeeper descriptors;
  private final Duration limit;

  /**
   * @param limit for the root of a mount to answer
   */
  Inspection(Root root, DescriptorKeeper descriptors, Duration limit) {
    this.root = root;
    this.descriptors = descriptors;
    this.limit = limit;
  }

  /**
   * A mount without a record can't be looked after: it counts as broken. One that waits for its
   * next process is not touched, since nobody would answer.
   *
   * @param mounted the volume's mount as the mount table has just told it
   */
  Condition of(
      VolumeId volume,
      VolumeFiles files,
      Optional<MountRecord> record,
      Optional<MountInfo> mounted) {
    if (mounted.isPresent()
        && record.isPresent()
        && record.get().running().isEmpty()
        && descriptors.holds(volume)) {
      return Condition.ORPHANED;
    }
    Answer answer =
        mounted.isPresent()
            ? root.askMounted(volume, files.mountPoint(), limit)
            : new Answer.NotMounted();
    return record
        .map(known -> Condition.of(answer, server(known), known.context().uuid()))
        .orElse(answer instanceof Answer.NotMounted ? Condition.ABSENT : Condition.BROKEN);
  }

  private static Condition.Server server(MountRecord record) {
    return record.running().isPresent() ? Condition.Server.RUNNING : Condition.Server.GONE;
  }
}
