/**
 * Who may work on a volume now. It knows nothing of what is done; the publications and the mounts
 * of a node claim separately, in this order.
 */
@NullMarked
package io.juicebox.node.claim;

import org.jspecify.annotations.NullMarked;
