/**
 * Processes of a node are killed, stopped and replaced while programs use its volumes: what these
 * see, how long they wait, and whether their data and locks are whole. Nothing in this JVM touches
 * a mount; programs of their own do. Knows the node by its sockets, its processes and its mount
 * table.
 */
@NullMarked
package io.juicebox.test.faults;

import org.jspecify.annotations.NullMarked;
