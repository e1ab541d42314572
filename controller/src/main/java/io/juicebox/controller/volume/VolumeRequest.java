package io.juicebox.controller.volume;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A volume as a CO asks for it.
 *
 * @param name what the CO knows it by until it has the id
 * @param parameters of the StorageClass, with what the provisioner adds
 * @param source what it is to be a copy of
 */
public record VolumeRequest(
    String name,
    CapacityRange capacity,
    List<Capability> capabilities,
    Map<String, String> parameters,
    Optional<SourceId> source) {}
