/** What the tables of tests have in common: printing, and calls whose outcome is a value. */
@NullMarked
package io.juicebox.test.table;

import org.jspecify.annotations.NullMarked;
