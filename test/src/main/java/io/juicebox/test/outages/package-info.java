/**
 * What every call answers while a server or a disk is away, and that all works again, by itself,
 * when it is back. Knows the programs by their sockets and HTTP ports only.
 */
@NullMarked
package io.juicebox.test.outages;

import org.jspecify.annotations.NullMarked;
