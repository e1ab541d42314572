/**
 * What the controller tells its operator about the servers and programs it stands on: facts go in,
 * sentences come out.
 */
@NullMarked
package io.juicebox.controller.check;

import org.jspecify.annotations.NullMarked;
