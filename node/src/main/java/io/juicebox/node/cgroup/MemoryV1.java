package io.juicebox.node.cgroup;

import java.io.IOException;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Version 1 (Documentation/admin-guide/cgroup-v1/memory.rst). */
record MemoryV1() implements MemoryController {
  private static final Logger LOG = LoggerFactory.getLogger(MemoryV1.class);
  private static final String LIMIT = "memory.limit_in_bytes";
  private static final String WITH_SWAP = "memory.memsw.limit_in_bytes";

  /** The kernel's "none" is the largest number of whole pages, and a page has at most 64 KiB. */
  private static final long NO_LIMIT = Long.MAX_VALUE >> 16 << 16;

  @Override
  public void prepare(Cgroup own, Cgroup holder, Cgroup service) throws IOException {
    holder.make();
    if (!holder.has(LIMIT)) {
      throw new IOException(holder + " has no " + LIMIT);
    }
  }

  /**
   * Memory and swap together may at no time be less than memory alone, so the order depends on the
   * direction. The kernel refuses a limit below what is used and can't be freed: then the old one
   * stays, which a running volume was started with.
   */
  @Override
  public void limit(Cgroup cgroup, long bytes) throws IOException {
    OptionalLong before = limit(cgroup);
    if (before.isPresent() && before.getAsLong() < bytes) {
      cgroup.writeIfThere(WITH_SWAP, Long.toString(bytes));
      cgroup.write(LIMIT, Long.toString(bytes));
      return;
    }
    try {
      cgroup.write(LIMIT, Long.toString(bytes));
      cgroup.writeIfThere(WITH_SWAP, Long.toString(bytes));
    } catch (IOException e) {
      if (before.isEmpty()) {
        throw e;
      }
      LOG.warn("a limit stays as it was, its processes use more than the new one", e);
    }
  }

  @Override
  public OptionalLong limit(Cgroup cgroup) throws IOException {
    long bytes = Long.parseLong(cgroup.read(LIMIT));
    return bytes >= NO_LIMIT ? OptionalLong.empty() : OptionalLong.of(bytes);
  }

  @Override
  public long usage(Cgroup cgroup) throws IOException {
    return Long.parseLong(cgroup.read("memory.usage_in_bytes"));
  }

  @Override
  public long oomKills(Cgroup cgroup) throws IOException {
    return cgroup.number("memory.oom_control", "oom_kill"); // Linux 4.13
  }
}
