package io.juicebox.node.publish;

import io.juicebox.csi.volume.AccessMode;
import io.juicebox.csi.volume.MountOptions;
import io.juicebox.csi.volume.VolumeContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a publication was asked to be: everything of NodePublishVolume but its ids, its target and
 * its secrets. The specification's tables compare these of two calls (P1 = P2).
 *
 * @param readOnly the request's own field; a mode for readers makes a publication read-only too
 * @param group that the volume's root is to belong to
 */
public record Arguments(
    AccessMode mode,
    boolean readOnly,
    MountOptions options,
    VolumeContext context,
    Optional<MountGroup> group) {

  /** Whether the publication refuses writes. */
  boolean refusesWrites() {
    return readOnly || mode.readOnly();
  }

  /** The group that the root is given to; one that may only read changes nothing in a volume. */
  Optional<MountGroup> newGroup() {
    return refusesWrites() ? Optional.empty() : group;
  }

  /** Whether the mode allows the volume at one target path of a node only. */
  boolean oneTargetOnly() {
    return switch (mode) {
      case SINGLE_NODE_WRITER, SINGLE_NODE_READER_ONLY, SINGLE_NODE_SINGLE_WRITER -> true;
      case SINGLE_NODE_MULTI_WRITER,
          MULTI_NODE_READER_ONLY,
          MULTI_NODE_SINGLE_WRITER,
          MULTI_NODE_MULTI_WRITER ->
          false;
    };
  }

  /** What two publications can't have in different forms, because they share the mount. */
  boolean fitsSameMount(Arguments other) {
    return options.juicefs().equals(other.options.juicefs()) && context.equals(other.context);
  }

  /** What another call asks for instead, for a message; empty when the two are equal. */
  String differences(Arguments other) {
    List<String> differences = new ArrayList<>();
    if (mode != other.mode) {
      differences.add("access mode %s, not %s".formatted(mode, other.mode));
    }
    if (readOnly != other.readOnly) {
      differences.add("readonly %s, not %s".formatted(readOnly, other.readOnly));
    }
    if (!options.equals(other.options)) {
      differences.add("other mount flags");
    }
    if (!context.equals(other.context)) {
      differences.add("another volume context");
    }
    if (!group.equals(other.group)) {
      differences.add("volume_mount_group %s, not %s".formatted(shown(group), shown(other.group)));
    }
    return String.join(", ", differences);
  }

  private static String shown(Optional<MountGroup> group) {
    return group.map(MountGroup::toString).orElse("none");
  }
}
