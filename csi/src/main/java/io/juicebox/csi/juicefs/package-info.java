/** The juicefs program as a child that runs for a moment: which version it is, and what it says. */
@NullMarked
package io.juicebox.csi.juicefs;

import org.jspecify.annotations.NullMarked;
