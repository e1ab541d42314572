/** {@code make sanity}: the CSI conformance suite against the local stack. */
@NullMarked
package io.juicebox.test.sanity;

import org.jspecify.annotations.NullMarked;
