package io.juicebox.node.proof;

/**
 * A JuiceFS client of a volume that has not expired, as its {@code sessionInfos} tell.
 *
 * @param id JuiceFS's Sid
 * @param host the hostname that the client's process saw
 * @param pid in the pid namespace of that process
 * @param mountPoint where it is mounted, in the mount namespace of that process
 */
public record Session(long id, String host, long pid, String mountPoint) {}
