/** {@code make bench}: times and memory of the driver beside the bare commands, in one table. */
@NullMarked
package io.juicebox.test.bench;

import org.jspecify.annotations.NullMarked;
