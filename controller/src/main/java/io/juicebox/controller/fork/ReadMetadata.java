package io.juicebox.controller.fork;

/**
 * Metadata that was read.
 *
 * @param nextSlice the first slice id that it can't refer to: nobody had been given it
 */
public record ReadMetadata(long nextSlice, ReadReport report) {}
