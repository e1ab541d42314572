/**
 * Wrong input to every call: a table of what is sent, the code and the message that come back, and
 * nothing that has changed.
 */
@NullMarked
package io.juicebox.test.badinput;

import org.jspecify.annotations.NullMarked;
