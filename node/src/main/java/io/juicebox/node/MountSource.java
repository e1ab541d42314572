package io.juicebox.node;

import io.juicebox.node.health.HealthWatch;
import io.juicebox.node.mount.Mounts;

/** Where the mounts of the node program come from: its own processes, or a mount service. */
interface MountSource extends AutoCloseable {
  Mounts mounts();

  /** Begins, before any call is served; the health of the mounts is told from now on. */
  void start(HealthWatch health);

  /** Why no volume can be mounted now, a line; empty when one can. */
  String unready();

  /** Ends what runs beside the calls; the mounts stay. */
  @Override
  void close();
}
