package io.juicebox.controller.redis;

/**
 * How full a Redis server is.
 *
 * @param used bytes, without the buffers that don't count against the limit
 * @param maxMemory its limit in bytes, 0 for none
 * @param machine bytes of its machine's memory, 0 when it doesn't say
 */
public record MemoryUse(long used, long maxMemory, long machine) {

  /** The share in use of its limit, or of its machine's memory where it has none. */
  public double share() {
    long most = maxMemory > 0 ? maxMemory : machine;
    return most > 0 ? (double) used / most : 0;
  }
}
