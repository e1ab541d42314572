package io.juicebox.csi.volume;

/**
 * What a filesystem is formatted with, beside its capacity.
 *
 * @param blockSize bytes, a power of two from 64 KiB to 16 MiB
 * @param trashDays days that deleted files stay in the trash, 0 for none
 * @param inodes how many files and directories the volume may hold; each costs Redis memory
 */
public record FormatParameters(
    Compression compression, long blockSize, int trashDays, long inodes) {}
