/**
 * How space comes back: mounts delete no block, so the controller deletes those that nobody needs.
 * Dead slices by their counters, all the time; blocks that no metadata names, now and then, and
 * soon where relatives share them; and for a filesystem that nobody has mounted also what a mount
 * would do. One controller at a time does it for a backend. Knows nothing of calls and of what
 * makes or removes volumes.
 *
 * <p>Every step may be broken off and done again: slice ids are never given twice, a counter goes
 * after its blocks, and each script checks whose the number is.
 */
@NullMarked
package io.juicebox.controller.collector;

import org.jspecify.annotations.NullMarked;
