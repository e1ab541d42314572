package io.juicebox.test.kube;

import io.juicebox.test.server.Waiting;
import io.juicebox.test.stack.Inventory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What volumes leave behind when pods and claims are gone: nothing, after a while. */
final class Leftovers {
  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final Duration POLL = Duration.ofMillis(500);

  private Leftovers() {}

  static void requireNone(ClusterInventory inventory, Inventory before) {
    var left = new ArrayList<String>();
    var _ =
        Waiting.until(
            () -> {
              left.clear();
              left.addAll(added(inventory.read(), before));
              return left.isEmpty();
            },
            LIMIT,
            POLL);
    if (!left.isEmpty()) {
      throw new AssertionError("left behind:\n" + Inventory.brief(left));
    }
  }

  /** The first volume makes the shared bucket, which the controller keeps. */
  private static List<String> added(Inventory now, Inventory before) {
    return now.since(before).stream()
        .filter(thing -> thing.startsWith("+ ") && !thing.startsWith("+ bucket "))
        .toList();
  }
}
