/** {@code make demo}: one volume, from its creation to its end, for a person to watch. */
@NullMarked
package io.juicebox.test.demo;

import org.jspecify.annotations.NullMarked;
