package io.juicebox.controller.volume;

import io.juicebox.csi.volume.PvcName;
import io.juicebox.csi.volume.VolumeId;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Keeps the reports as lines. */
public final class TestingReports implements FailureReports {
  private final List<String> lines = new CopyOnWriteArrayList<>();

  public List<String> lines() {
    return lines;
  }

  @Override
  public void creationFailed(String name, PvcName pvc, String why) {
    lines.add("creation of %s for %s: %s".formatted(name, pvc, why));
  }

  @Override
  public void expansionFailed(VolumeId volume, String why) {
    lines.add("expansion of %s: %s".formatted(volume, why));
  }
}
