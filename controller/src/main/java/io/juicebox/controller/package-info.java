/**
 * The controller program: settings, wiring and the CSI Controller service. Only this package sees
 * gRPC and the specification's messages; the use cases are in {@code volume}.
 */
@NullMarked
package io.juicebox.controller;

import org.jspecify.annotations.NullMarked;
