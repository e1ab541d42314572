/**
 * The mounts of volumes on this node: one FUSE mount and one juicefs process per volume, in
 * directories that the driver owns.
 *
 * <p>It knows nothing of publications and of CSI: {@code io.juicebox.node.publish} asks for a mount
 * with {@link io.juicebox.node.mount.Mounts#ensure} and binds it where the CO wants it.
 */
@NullMarked
package io.juicebox.node.mount;

import org.jspecify.annotations.NullMarked;
