/**
 * The command line of the tests and of the local stack: reads arguments, calls one of the packages
 * below.
 */
@NullMarked
package io.juicebox.test;

import org.jspecify.annotations.NullMarked;
