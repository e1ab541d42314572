/**
 * Runs the JUnit tests of one stage without a build tool, and keeps the count of what passed and
 * failed.
 */
@NullMarked
package io.juicebox.test.stage;

import org.jspecify.annotations.NullMarked;
