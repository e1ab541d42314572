package io.juicebox.controller.registry;

import io.juicebox.csi.volume.Compression;

/**
 * How the bytes of a lineage's files lie in its blocks: the same for all its members.
 *
 * @param size of a block, bytes
 */
public record BlockFormat(long size, Compression compression) {}
