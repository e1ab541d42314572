package io.juicebox.controller.volume;

import io.juicebox.controller.registry.VolumeRecord;
import io.juicebox.csi.status.DriverException.InvalidRequest;
import io.juicebox.csi.volume.CacheClass;
import io.juicebox.csi.volume.VolumeContext;
import io.juicebox.csi.volume.VolumeParameters;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Says whether a volume can be used as a CO wants to. */
public final class ValidateCapabilities {
  private final VolumeDirectory volumes;

  public ValidateCapabilities(VolumeDirectory volumes) {
    this.volumes = volumes;
  }

  /**
   * Why not; empty when it can.
   *
   * @param context what the CO holds as the volume's, may be empty
   * @param parameters what it holds as those of its creation, may be empty
   */
  public Optional<String> objection(
      String id,
      List<Capability> capabilities,
      Map<String, String> context,
      Map<String, String> parameters) {
    VolumeRecord volume = volumes.get(id);
    return decide(volume, capabilities, context, parameters);
  }

  static Optional<String> decide(
      VolumeRecord volume,
      List<Capability> capabilities,
      Map<String, String> context,
      Map<String, String> parameters) {
    VolumeContext own = volume.context().orElseThrow();
    try {
      if (!context.isEmpty() && !own.equals(VolumeContext.from(context))) {
        return Optional.of("volume_context is not the volume's");
      }
      if (!parameters.isEmpty()
          && !VolumeParameters.from(parameters).equals(VolumePlan.parametersOf(volume.request()))) {
        return Optional.of("parameters are not those that the volume was made with");
      }
      for (Capability capability : capabilities) {
        capability.requireOffered(own.mount().allowWriteback());
        if (!capability.mode().singleNode() && own.cacheClass() != CacheClass.SHARED) {
          return Optional.of(
              capability.mode() + ": the volume was made for single-node access modes only");
        }
      }
      return Optional.empty();
    } catch (InvalidRequest e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }
}
