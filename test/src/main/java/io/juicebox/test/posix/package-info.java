/**
 * What applications may expect of a published volume: the cases of {@code test/posix}, pjdfstest,
 * and a volume that is full.
 */
@NullMarked
package io.juicebox.test.posix;

import org.jspecify.annotations.NullMarked;
