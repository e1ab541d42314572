/**
 * What can go wrong, as the caller of an RPC can act on it, and the one place that maps it to a
 * gRPC status.
 */
@NullMarked
package io.juicebox.csi.status;

import org.jspecify.annotations.NullMarked;
