/**
 * What belongs to one volume and to nobody else: its space, which comes back when it is not needed.
 */
@NullMarked
package io.juicebox.test.isolation;

import org.jspecify.annotations.NullMarked;
