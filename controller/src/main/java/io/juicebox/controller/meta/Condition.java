package io.juicebox.controller.meta;

/**
 * What a filesystem may have to be done with, as of one instant.
 *
 * @param blockSize bytes of a block that is not the last of its slice
 * @param trashDays how long deleted files are kept
 * @param live sessions of clients that have it mounted
 * @param expired sessions of clients that died
 * @param deletedFiles whose data is there still
 * @param trash whether anything is in the trash
 * @param delayed compactions whose former slices wait as long as the trash does
 */
public record Condition(
    int blockSize,
    int trashDays,
    long live,
    long expired,
    long deletedFiles,
    boolean trash,
    long delayed) {}
