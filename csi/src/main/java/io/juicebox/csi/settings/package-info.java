/** Settings from the environment, with every mistake reported at once. */
@NullMarked
package io.juicebox.csi.settings;

import org.jspecify.annotations.NullMarked;
