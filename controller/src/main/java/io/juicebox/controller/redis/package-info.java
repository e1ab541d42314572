/**
 * One connection to a backend's Redis: bounded in time, made again on demand, failures told in the
 * words of {@link io.juicebox.csi.status.DriverException}. Knows nothing of volumes.
 */
@NullMarked
package io.juicebox.controller.redis;

import org.jspecify.annotations.NullMarked;
