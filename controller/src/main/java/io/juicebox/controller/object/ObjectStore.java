package io.juicebox.controller.object;

import io.juicebox.csi.status.DriverException;
import io.juicebox.csi.volume.Lineage;
import io.juicebox.csi.volume.VolumeId;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The buckets and objects of one backend. Every method may be repeated and be called from several
 * threads and processes at once.
 *
 * <p>Failures: {@link DriverException.BackendUnavailable}, {@link DriverException.Unauthenticated},
 * {@link DriverException.Forbidden}, {@link DriverException.Exhausted} when the store is full; any
 * other is {@link DriverException.Failed} with the store's own words.
 */
public interface ObjectStore {
  /** Whether a bucket is there. */
  enum Bucket {
    PRESENT,
    ABSENT
  }

  /** Looks for a bucket; proves by the way that the store answers and that the key may list it. */
  Bucket find(String bucket);

  /** Makes a bucket unless it is there. */
  void ensureBucket(String bucket);

  /** Writes the object that proves a mount's credentials; its content is the volume's id. */
  void putOwner(String bucket, Lineage lineage, VolumeId volume);

  /** Removes that object, so that no mount can be proven any more; does nothing when it is gone. */
  void removeOwner(String bucket, Lineage lineage);

  /**
   * Deletes objects whose keys begin so, in no order.
   *
   * @param most how many, up to 1,000
   * @return how many were deleted; 0 when none is left
   * @throws DriverException.PreconditionFailed when the bucket is gone
   */
  int deleteBatch(String bucket, String prefix, int most);

  /**
   * Deletes objects by their keys; one that is gone already is no failure.
   *
   * @param keys up to 1,000
   * @throws DriverException.PreconditionFailed when the bucket is gone
   */
  void deleteKeys(String bucket, List<String> keys);

  /**
   * A page of a bucket's objects, by key.
   *
   * @param prefix of their keys
   * @param after the page begins behind this key; empty for the first page
   * @param most how many, up to 1,000; fewer are the last page
   * @throws DriverException.PreconditionFailed when the bucket is gone
   */
  List<Stored> page(String bucket, String prefix, Optional<String> after, int most);

  /**
   * Writes a file as an object, which is there whole or as it was before.
   *
   * @throws DriverException.PreconditionFailed when the bucket is gone
   */
  void put(String bucket, String key, Path file);

  /**
   * Reads an object into a file; what it held before goes.
   *
   * @return whether it is there
   * @throws DriverException.PreconditionFailed when the bucket is gone
   */
  boolean get(String bucket, String key, Path file);

  /** An object of a bucket. */
  record Stored(String key, Instant written) {}

  /**
   * Removes a lineage's own bucket; does nothing when it is gone.
   *
   * @throws DriverException.PreconditionFailed when something else lies in it
   */
  void removeBucket(String bucket);
}
