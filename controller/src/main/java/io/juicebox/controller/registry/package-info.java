/**
 * The controller's durable records of one backend, in its Redis number 1: volumes, claims on them,
 * numbers that are free or at rest. Every change is one Lua script beside this package, which
 * checks the fencing token of the caller's claim. It knows nothing of object stores, of JuiceFS and
 * of gRPC.
 */
@NullMarked
package io.juicebox.controller.registry;

import org.jspecify.annotations.NullMarked;
