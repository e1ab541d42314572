package io.juicebox.csi.request;

import io.juicebox.csi.spec.VolumeCapability;
import io.juicebox.csi.status.DriverException.InvalidRequest;
import io.juicebox.csi.volume.AccessMode;

/** Reads the fields that requests of both programs have. */
public final class RequestFields {
  private RequestFields() {}

  /** The text of a {@code volume_id}, which may be no id of ours. */
  public static String volumeId(String text) {
    if (text.isEmpty()) {
      throw new InvalidRequest("volume_id", "is missing");
    }
    return text;
  }

  /** The access mode of a capability, whatever its access type is. */
  public static AccessMode accessMode(VolumeCapability capability) {
    return switch (capability.getAccessMode().getMode()) {
      case SINGLE_NODE_WRITER -> AccessMode.SINGLE_NODE_WRITER;
      case SINGLE_NODE_READER_ONLY -> AccessMode.SINGLE_NODE_READER_ONLY;
      case SINGLE_NODE_SINGLE_WRITER -> AccessMode.SINGLE_NODE_SINGLE_WRITER;
      case SINGLE_NODE_MULTI_WRITER -> AccessMode.SINGLE_NODE_MULTI_WRITER;
      case MULTI_NODE_READER_ONLY -> AccessMode.MULTI_NODE_READER_ONLY;
      case MULTI_NODE_SINGLE_WRITER -> AccessMode.MULTI_NODE_SINGLE_WRITER;
      case MULTI_NODE_MULTI_WRITER -> AccessMode.MULTI_NODE_MULTI_WRITER;
      case UNKNOWN -> throw new InvalidRequest("volume_capability.access_mode", "is missing");
      case UNRECOGNIZED ->
          throw new InvalidRequest("volume_capability.access_mode", "is unknown to this driver");
    };
  }
}
