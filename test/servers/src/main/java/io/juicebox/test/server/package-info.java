/**
 * Real Redis and MinIO servers for tests, and what starting and surely ending real processes needs.
 *
 * <p>Knows nothing of Juicebox: every module's tests may use it.
 */
@NullMarked
package io.juicebox.test.server;

import org.jspecify.annotations.NullMarked;
