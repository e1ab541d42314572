/**
 * What careless and hostile callers send, for tests of everything that reads what others wrote.
 *
 * <p>Knows nothing of Juicebox: every module's tests may use it.
 */
@NullMarked
package io.juicebox.test.input;

import org.jspecify.annotations.NullMarked;
