/**
 * Whether the volumes of this node work: one record of a volume's health, from which the health
 * call, a metric and a log line are made.
 */
@NullMarked
package io.juicebox.node.health;

import org.jspecify.annotations.NullMarked;
