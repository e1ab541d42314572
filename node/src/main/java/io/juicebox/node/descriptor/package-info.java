/**
 * Keeps the FUSE descriptors of mounts alive over the end of the processes that serve them
 * (DESIGN.md, decision 10): one keeper in the program that starts juicefs, and holders of second
 * copies in others. It knows nothing of mounts but the volume's name.
 */
@NullMarked
package io.juicebox.node.descriptor;

import org.jspecify.annotations.NullMarked;
