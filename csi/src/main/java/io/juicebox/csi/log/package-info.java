/**
 * The structured log: one line for each call, secrets stripped by the specification's own option.
 */
@NullMarked
package io.juicebox.csi.log;

import org.jspecify.annotations.NullMarked;
