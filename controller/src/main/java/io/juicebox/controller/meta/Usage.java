package io.juicebox.controller.meta;

/**
 * What a filesystem uses, as JuiceFS counts it.
 *
 * @param bytes of its files, each rounded up to 4 KiB
 * @param inodes files and directories, the root not counted
 */
public record Usage(long bytes, long inodes) {}
