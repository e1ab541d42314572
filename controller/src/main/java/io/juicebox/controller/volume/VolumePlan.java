package io.juicebox.controller.volume;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.juicebox.csi.status.DriverException.InvalidRequest;
import io.juicebox.csi.volume.CacheClass;
import io.juicebox.csi.volume.Capacity;
import io.juicebox.csi.volume.PvcName;
import io.juicebox.csi.volume.VolumeParameters;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a request comes to, before anything is done for it.
 *
 * @param pvc what the volume is for, where the provisioner tells it
 * @param canonical the request as a text that is equal for equal requests only
 * @param source what the volume is to be a copy of
 */
record VolumePlan(
    Capacity capacity,
    VolumeParameters parameters,
    CacheClass cacheClass,
    Optional<PvcName> pvc,
    String canonical,
    Optional<Source> source) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String PARAMETERS = "parameters";

  /**
   * Decides it.
   *
   * @throws io.juicebox.csi.status.DriverException.InvalidRequest when a part is not offered
   * @throws io.juicebox.csi.status.DriverException.OutOfRange when no capacity fits
   */
  static VolumePlan of(VolumeRequest request, Capacity defaultCapacity, Optional<Source> source) {
    var parameters =
        source
            .map(it -> it.complete(request.parameters()))
            .orElseGet(() -> VolumeParameters.from(request.parameters()));
    if (request.capabilities().isEmpty()) {
      throw new InvalidRequest("volume_capabilities", "is missing");
    }
    for (Capability capability : request.capabilities()) {
      capability.requireOffered(parameters.mount().allowWriteback());
    }
    Capacity capacity =
        Capacity.choose(
            request.capacity().required(),
            request.capacity().limit(),
            source.map(Source::capacity).orElse(defaultCapacity));
    return new VolumePlan(
        capacity,
        parameters,
        parameters.cacheClass(request.capabilities().stream().map(Capability::mode).toList()),
        PvcName.from(request.parameters()),
        canonical(request),
        source);
  }

  /** The parameters that a canonical request has. */
  static VolumeParameters parametersOf(String canonical) {
    try {
      var parameters = JSON.readTree(canonical).path(PARAMETERS);
      return VolumeParameters.from(
          JSON.convertValue(parameters, new TypeReference<Map<String, String>>() {}));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("the registry holds a request that is no JSON", e);
    }
  }

  /** The request as a text that is equal for equal requests only. */
  static String canonical(VolumeRequest request) {
    var parts = new LinkedHashMap<String, Object>();
    parts.put("required", request.capacity().required());
    parts.put("limit", request.capacity().limit());
    parts.put("capabilities", canonical(request.capabilities()));
    parts.put(PARAMETERS, VolumeParameters.canonical(request.parameters()));
    request.source().ifPresent(source -> parts.put("source", source.canonical()));
    return write(parts);
  }

  private static List<String> canonical(List<Capability> capabilities) {
    return capabilities.stream().map(Capability::canonical).distinct().sorted().toList();
  }

  private static String write(Map<String, Object> parts) {
    try {
      return JSON.writeValueAsString(parts);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
