package io.juicebox.controller.collector;

import io.juicebox.controller.object.ObjectStore;
import java.time.Duration;
import java.util.List;

/**
 * Deletes blocks in batches, and rests between them so that no more go in a second than is wanted.
 */
record BlockDeletion(ObjectStore objects, int blocksPerSecond) {
  /** What one request takes. */
  static final int BATCH = 1_000;

  /** Deletes blocks by their keys; those that are gone already are no failure. */
  void delete(String bucket, List<String> keys) throws InterruptedException {
    for (int from = 0; from < keys.size(); from += BATCH) {
      List<String> batch = keys.subList(from, Math.min(keys.size(), from + BATCH));
      long began = System.nanoTime();
      objects.deleteKeys(bucket, batch);
      Duration due = Duration.ofSeconds(1).multipliedBy(batch.size()).dividedBy(blocksPerSecond);
      Thread.sleep(due.minusNanos(System.nanoTime() - began)); // not at all when it is negative
    }
  }
}
