package io.juicebox.node.publish;

import io.juicebox.csi.volume.VolumeId;
import java.nio.file.Path;

/**
 * A publication that a call made, or began to make.
 *
 * @param target the target path with its parent directory resolved, as mountinfo spells it
 */
record Publication(VolumeId volume, Path target, Arguments arguments) {}
