/**
 * The metadata of one volume, that is all the keys of its number: what JuiceFS put there, read and
 * changed by scripts that name the number. Knows nothing of the registry.
 */
@NullMarked
package io.juicebox.controller.meta;

import org.jspecify.annotations.NullMarked;
