/**
 * The gRPC server on a unix socket that both programs listen with. Knows no service in particular.
 */
@NullMarked
package io.juicebox.csi.server;

import org.jspecify.annotations.NullMarked;
