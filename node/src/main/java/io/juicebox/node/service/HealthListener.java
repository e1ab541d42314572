package io.juicebox.node.service;

import io.juicebox.node.mount.MountHealth;
import java.util.Collection;

/** Hears how the mounts of a mount service are. */
public interface HealthListener {
  /** These are all mounts: what was said of others before holds no more. */
  void all(Collection<MountHealth> mounts);

  /** The health of a mount has changed, or a mount has come. */
  void changed(MountHealth mount);
}
