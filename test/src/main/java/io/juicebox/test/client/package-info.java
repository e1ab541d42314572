/** A small CSI client over a unix socket. Knows only the specification. */
@NullMarked
package io.juicebox.test.client;

import org.jspecify.annotations.NullMarked;
