/**
 * The metadata of a volume as of one instant: read while the volume is in use, carried as a stream,
 * written into another number or kept as one object. Knows JuiceFS's keys, and nothing of the
 * registry.
 *
 * <p>Keys and values are bytes; in this package they are strings, each char of which is one byte.
 */
@NullMarked
package io.juicebox.controller.fork;

import org.jspecify.annotations.NullMarked;
