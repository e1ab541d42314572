/**
 * What whoever has one volume's credentials can reach, and the space of a volume, which comes back
 * when it is not needed.
 */
@NullMarked
package io.juicebox.test.isolation;

import org.jspecify.annotations.NullMarked;
