/**
 * Every native call of the node program, the kernel's mount table, and the pool that calls which
 * may hang run on.
 *
 * <p>The only package that may use {@code java.lang.foreign}. It knows nothing of JuiceFS.
 */
@NullMarked
package io.juicebox.node.kernel;

import org.jspecify.annotations.NullMarked;
