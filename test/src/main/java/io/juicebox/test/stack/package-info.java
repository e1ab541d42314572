/**
 * The local stack: real Redis and MinIO, the controller and the node as processes of their own, and
 * the {@link io.juicebox.test.stack.Inventory} of all that they have created. Knows no test
 * framework.
 */
@NullMarked
package io.juicebox.test.stack;

import org.jspecify.annotations.NullMarked;
