package io.juicebox.csi.volume;

/** The access modes of the CSI specification, under its names, for volumes that are mounted. */
public enum AccessMode {
  SINGLE_NODE_WRITER(true, false),
  SINGLE_NODE_READER_ONLY(true, true),
  SINGLE_NODE_SINGLE_WRITER(true, false),
  SINGLE_NODE_MULTI_WRITER(true, false),
  MULTI_NODE_READER_ONLY(false, true),
  MULTI_NODE_SINGLE_WRITER(false, false),
  MULTI_NODE_MULTI_WRITER(false, false);

  private final boolean singleNode;
  private final boolean readOnly;

  AccessMode(boolean singleNode, boolean readOnly) {
    this.singleNode = singleNode;
    this.readOnly = readOnly;
  }

  /** Whether only one node at a time may have the volume published. */
  public boolean singleNode() {
    return singleNode;
  }

  /** Whether each publication in this mode is read-only. */
  public boolean readOnly() {
    return readOnly;
  }
}
