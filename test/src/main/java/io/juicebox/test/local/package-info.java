/**
 * {@code make up} and {@code make down}: the one stack of a working copy that stays up between
 * commands.
 */
@NullMarked
package io.juicebox.test.local;

import org.jspecify.annotations.NullMarked;
