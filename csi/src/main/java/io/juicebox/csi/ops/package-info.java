/**
 * What operators see of a program: metrics, liveness, readiness; and the pauses that tests ask for.
 */
@NullMarked
package io.juicebox.csi.ops;

import org.jspecify.annotations.NullMarked;
