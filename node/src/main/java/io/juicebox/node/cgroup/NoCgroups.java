package io.juicebox.node.cgroup;

import io.juicebox.csi.volume.VolumeId;
import java.util.List;
import java.util.OptionalLong;

/**
 * Where the machine offers none.
 *
 * @param why there are none, in words for people
 */
record NoCgroups(String why) implements VolumeCgroups {
  @Override
  public String state() {
    return "no volume's memory is limited: " + why;
  }

  @Override
  public void create(VolumeId volume, long memoryLimit) {}

  @Override
  public void add(VolumeId volume, long pid) {}

  @Override
  public long oomKills(VolumeId volume) {
    return 0;
  }

  @Override
  public OptionalLong usage(VolumeId volume) {
    return OptionalLong.empty();
  }

  @Override
  public OptionalLong limit(VolumeId volume) {
    return OptionalLong.empty();
  }

  @Override
  public void remove(VolumeId volume) {}

  @Override
  public List<VolumeId> volumes() {
    return List.of();
  }

  @Override
  public void close() {}
}
