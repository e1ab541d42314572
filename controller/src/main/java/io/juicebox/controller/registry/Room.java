package io.juicebox.controller.registry;

/**
 * How much of a backend is taken.
 *
 * @param bytes the sum of the capacities of all records, those being deleted included
 * @param numberLeft whether another volume would find a number
 */
public record Room(long bytes, boolean numberLeft) {}
