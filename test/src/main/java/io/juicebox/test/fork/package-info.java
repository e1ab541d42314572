/** Copies of volumes: snapshots, clones and restores, and what they have of their source. */
@NullMarked
package io.juicebox.test.fork;

import org.jspecify.annotations.NullMarked;
