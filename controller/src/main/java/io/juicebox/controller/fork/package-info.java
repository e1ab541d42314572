/**
 * The metadata of a volume as of one instant: read while the volume is in use, carried as a stream
 * into another number or one object, or copied from number to number. Knows JuiceFS's keys, and
 * nothing of the registry.
 *
 * <p>Keys and values are bytes; in this package they are strings, each char of which is one byte.
 */
@NullMarked
package io.juicebox.controller.fork;

import org.jspecify.annotations.NullMarked;
