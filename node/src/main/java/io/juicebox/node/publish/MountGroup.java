package io.juicebox.node.publish;

import io.juicebox.csi.status.DriverException.InvalidRequest;
import io.juicebox.csi.status.Printable;
import io.juicebox.csi.volume.RootDirectory;
import java.util.regex.Pattern;

/** The group that a volume is to be usable by: the fsGroup of a pod, as the kubelet passes it. */
public record MountGroup(long gid) {
  private static final Pattern DECIMAL = Pattern.compile("0|[1-9]\\d{0,9}");

  public MountGroup {
    if (gid < 0 || gid > RootDirectory.LARGEST_ID) {
      throw new IllegalArgumentException("group " + gid);
    }
  }

  /**
   * Reads the field of a request.
   *
   * @param field the field as the specification spells it
   * @throws InvalidRequest naming the field and what is wrong
   */
  public static MountGroup parse(String field, String text) {
    if (!DECIMAL.matcher(text).matches() || Long.parseLong(text) > RootDirectory.LARGEST_ID) {
      throw new InvalidRequest(
          field,
          "is %s, not the number of a group from 0 to %d"
              .formatted(Printable.of(text), RootDirectory.LARGEST_ID));
    }
    return new MountGroup(Long.parseLong(text));
  }

  @Override
  public String toString() {
    return Long.toString(gid);
  }
}
