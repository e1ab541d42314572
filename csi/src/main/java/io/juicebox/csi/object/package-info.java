/** What both programs know of object stores. Knows no client. */
@NullMarked
package io.juicebox.csi.object;

import org.jspecify.annotations.NullMarked;
