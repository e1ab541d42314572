package io.juicebox.node.cgroup;

import java.io.IOException;
import java.util.OptionalLong;

/**
 * Version 2 (Documentation/admin-guide/cgroup-v2.rst).
 *
 * <p>A cgroup hands a controller down to its children only while it has no process itself ("no
 * internal processes"), the machine's root excepted: so all processes of our own cgroup move into a
 * leaf beside the volumes.
 */
record MemoryV2() implements MemoryController {
  private static final String HANDED_DOWN = "cgroup.subtree_control";
  private static final String MEMORY = "memory";
  private static final String LIMIT = "memory.max";
  private static final int ROUNDS = 20;

  @Override
  public void prepare(Cgroup own, Cgroup holder, Cgroup service) throws IOException {
    if (!own.words(HANDED_DOWN).contains(MEMORY)) {
      if (!own.words("cgroup.controllers").contains(MEMORY)) {
        throw new IOException(own + " was not given the memory controller");
      }
      if (isRoot(own)) {
        handDown(own);
      } else {
        leaveAndHandDown(own, service);
      }
    }
    holder.make();
    handDown(holder);
  }

  /** The machine's root has kernel threads, which nobody moves; it lacks what tells of its end. */
  private static boolean isRoot(Cgroup cgroup) {
    return !cgroup.has("cgroup.events");
  }

  /** One of our processes may start another meanwhile: that one is moved in the next round. */
  private static void leaveAndHandDown(Cgroup own, Cgroup service) throws IOException {
    service.make();
    for (int round = 1; ; round++) {
      for (long pid : own.processes()) {
        service.take(pid);
      }
      try {
        handDown(own);
        return;
      } catch (IOException e) {
        if (round == ROUNDS) {
          throw e;
        }
      }
    }
  }

  private static void handDown(Cgroup cgroup) throws IOException {
    cgroup.write(HANDED_DOWN, "+" + MEMORY);
  }

  /** A limit below what is used and can't be freed ends the processes: the kernel's rule. */
  @Override
  public void limit(Cgroup cgroup, long bytes) throws IOException {
    cgroup.write(LIMIT, Long.toString(bytes));
    cgroup.writeIfThere("memory.swap.max", "0");
    cgroup.writeIfThere("memory.oom.group", "1");
  }

  @Override
  public OptionalLong limit(Cgroup cgroup) throws IOException {
    String text = cgroup.read(LIMIT);
    return text.equals("max") ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(text));
  }

  @Override
  public long usage(Cgroup cgroup) throws IOException {
    return Long.parseLong(cgroup.read("memory.current"));
  }

  @Override
  public long oomKills(Cgroup cgroup) throws IOException {
    return cgroup.number("memory.events", "oom_kill");
  }
}
