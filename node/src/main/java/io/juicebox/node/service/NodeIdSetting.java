package io.juicebox.node.service;

import io.juicebox.csi.settings.SettingsReader;
import java.util.regex.Pattern;

/** {@code NODE_ID}, which the node plugin and the mount service must have in common. */
public final class NodeIdSetting {
  /** The length that the CSI specification recommends. */
  private static final Pattern NODE_ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");

  private NodeIdSetting() {}

  /** The name of this node; a mistake is the reader's to tell. */
  public static String read(SettingsReader reader) {
    String id = reader.required("NODE_ID", "node");
    if (!NODE_ID.matcher(id).matches()) {
      reader.problem(
          "NODE_ID",
          "is "
              + id
              + ", not a name of at most 128 letters, digits, dots, hyphens and underscores");
    }
    return id;
  }
}
