package io.juicebox.test.sanity;

import java.util.Map;
import java.util.Optional;

/**
 * The capabilities that Juicebox does not have, by design or not yet, and how csi-sanity names
 * their absence.
 */
final class AllowedSkips {
  private static final Map<String, String> CAPABILITY_OF_REASON =
      Map.ofEntries(
          Map.entry("NodeStageVolume not supported", "STAGE_UNSTAGE_VOLUME"),
          Map.entry("NodeUnstageVolume not supported", "STAGE_UNSTAGE_VOLUME"),
          Map.entry("ControllerPublishVolume not supported", "PUBLISH_UNPUBLISH_VOLUME"),
          Map.entry("ControllerUnpublishVolume not supported", "PUBLISH_UNPUBLISH_VOLUME"),
          Map.entry(
              "Controller Publish, UnpublishVolume not supported", "PUBLISH_UNPUBLISH_VOLUME"),
          Map.entry("ControllerPublishVolume.readonly field not supported", "PUBLISH_READONLY"),
          Map.entry("NodeExpandVolume not supported", "EXPAND_VOLUME (node)"),
          Map.entry("node does not report accessible topology", "VOLUME_ACCESSIBILITY_CONSTRAINTS"),
          Map.entry(
              "SNAPSHOT_ACCESSIBILITY_CONSTRAINTS not supported",
              "SNAPSHOT_ACCESSIBILITY_CONSTRAINTS"),
          Map.entry("GroupControllerService not supported", "GROUP_CONTROLLER_SERVICE"),
          Map.entry(
              "VolumeGroupSnapshots not supported", "CREATE_DELETE_GET_VOLUME_GROUP_SNAPSHOT"),
          Map.entry("Modify volume not supported", "MODIFY_VOLUME"),
          Map.entry("Modify Volume not supported", "MODIFY_VOLUME"),
          Map.entry("ControllerModifyVolume not supported", "MODIFY_VOLUME"));

  private AllowedSkips() {}

  /** The capability whose absence explains a reason; empty if the spec must not be skipped. */
  static Optional<String> capability(String reason) {
    return Optional.ofNullable(CAPABILITY_OF_REASON.get(reason));
  }
}
