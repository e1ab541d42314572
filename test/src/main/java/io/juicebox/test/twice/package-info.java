/**
 * Every call twice, at once, and torn: what each call does to a volume in each state, and what is
 * left when the program is killed between two side effects.
 */
@NullMarked
package io.juicebox.test.twice;

import org.jspecify.annotations.NullMarked;
