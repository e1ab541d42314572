package io.juicebox.controller.registry;

import io.juicebox.csi.volume.VolumeId;
import java.util.List;

/**
 * Volumes whose calls ended half-way.
 *
 * @param intents that no CreateVolume has touched for a while, the oldest first
 * @param tombstones whose remains are still there and whose turn has come, the longest due first
 * @param growing whose filesystem may lack the capacity of the record, the longest due first
 */
public record Unfinished(
    List<VolumeId> intents, List<VolumeId> tombstones, List<VolumeId> growing) {}
