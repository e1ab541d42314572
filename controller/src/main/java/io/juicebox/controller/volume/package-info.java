/**
 * What the controller does with volumes, one class for each use case. Each reads the world, decides
 * by a pure function and acts in steps that may be repeated, so that a controller that dies between
 * any two of them does no harm. It knows nothing of gRPC and of the specification's messages.
 */
@NullMarked
package io.juicebox.controller.volume;

import org.jspecify.annotations.NullMarked;
