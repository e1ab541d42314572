package io.juicebox.controller.registry;

import io.juicebox.csi.volume.VolumeId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Volumes of one page of the registry whose blocks are to be compared with their metadata.
 *
 * @param last the last volume of the page, due or not; empty after the last page
 */
public record DueSweeps(Optional<VolumeId> last, List<Due> volumes) {

  /**
   * One of them.
   *
   * @param position where a comparison that was broken off goes on; empty for the beginning
   */
  public record Due(VolumeRecord volume, Optional<String> position) {}

  static DueSweeps read(List<@Nullable Object> answer) {
    var volumes = new ArrayList<Due>();
    for (Object entry : answer.subList(1, answer.size())) {
      if (entry instanceof List<?> pair) {
        volumes.add(new Due(RecordFields.read(pair.get(0)), text(pair.get(1))));
      }
    }
    return new DueSweeps(text(answer.get(0)).map(VolumeId::new), List.copyOf(volumes));
  }

  private static Optional<String> text(@Nullable Object value) {
    return Optional.of(String.valueOf(value)).filter(text -> !text.isEmpty());
  }
}
