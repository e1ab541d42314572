/** The CSI Identity service, the same in both programs. */
@NullMarked
package io.juicebox.csi.identity;

import org.jspecify.annotations.NullMarked;
