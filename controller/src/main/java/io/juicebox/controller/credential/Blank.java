package io.juicebox.controller.credential;

import io.juicebox.csi.volume.Secret;
import io.juicebox.csi.volume.VolumeId;

/**
 * An account that is there before its volume.
 *
 * @param id what the volume will be called
 * @param secretKey of the account; it is in this process's memory alone
 */
public record Blank(VolumeId id, Secret secretKey) {}
