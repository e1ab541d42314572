/** Small clients over a unix socket: of CSI and of the mount service. They know only the protos. */
@NullMarked
package io.juicebox.test.client;

import org.jspecify.annotations.NullMarked;
