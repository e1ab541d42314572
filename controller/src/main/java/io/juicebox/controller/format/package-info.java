/** The juicefs command line, as far as the controller needs it: a new filesystem's setting. */
@NullMarked
package io.juicebox.controller.format;

import org.jspecify.annotations.NullMarked;
