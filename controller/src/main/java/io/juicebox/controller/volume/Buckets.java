package io.juicebox.controller.volume;

import io.juicebox.controller.object.ObjectStore;
import io.juicebox.controller.registry.VolumeRecord;
import io.juicebox.csi.status.DriverException;
import io.juicebox.csi.status.DriverException.PreconditionFailed;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Buckets that this process has seen, so that a volume costs one request to the object store. A
 * request that fails makes it look again.
 */
final class Buckets {
  private final ObjectStore objects;
  private final Set<String> seen = ConcurrentHashMap.newKeySet();

  Buckets(ObjectStore objects) {
    this.objects = objects;
  }

  /** Makes a bucket unless it is there. */
  void ensure(String bucket) {
    if (!seen.contains(bucket)) {
      objects.ensureBucket(bucket);
      seen.add(bucket);
    }
  }

  /** Writes a volume's owner object; a bucket that was lost meanwhile is made anew. */
  void putOwner(VolumeRecord volume) {
    try {
      put(volume);
    } catch (PreconditionFailed e) {
      ensure(volume.bucket());
      put(volume);
    }
  }

  private void put(VolumeRecord volume) {
    try {
      objects.putOwner(volume.bucket(), volume.lineage(), volume.id());
    } catch (DriverException e) {
      seen.remove(volume.bucket());
      throw e;
    }
  }

  /** Removes a volume's own bucket. */
  void remove(String bucket) {
    seen.remove(bucket);
    objects.removeBucket(bucket);
  }
}
