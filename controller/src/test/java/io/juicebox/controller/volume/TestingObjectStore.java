package io.juicebox.controller.volume;

import io.juicebox.controller.object.ObjectStore;
import io.juicebox.csi.volume.Lineage;
import io.juicebox.csi.volume.VolumeId;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/** A real object store that can be made to fail. */
final class TestingObjectStore implements ObjectStore {
  private final ObjectStore real;
  private final AtomicReference<Supplier<RuntimeException>> failure =
      new AtomicReference<>(TestingObjectStore::none);

  TestingObjectStore(ObjectStore real) {
    this.real = real;
  }

  private static RuntimeException none() {
    return new IllegalStateException();
  }

  /** Every request fails from now on. */
  void fail(Supplier<RuntimeException> with) {
    failure.set(with);
  }

  void heal() {
    failure.set(TestingObjectStore::none);
  }

  private ObjectStore reached() {
    RuntimeException e = failure.get().get();
    if (e instanceof IllegalStateException) {
      return real;
    }
    throw e;
  }

  @Override
  public Bucket find(String bucket) {
    return reached().find(bucket);
  }

  @Override
  public void ensureBucket(String bucket) {
    reached().ensureBucket(bucket);
  }

  @Override
  public void putOwner(String bucket, Lineage lineage, VolumeId volume) {
    reached().putOwner(bucket, lineage, volume);
  }

  @Override
  public void removeOwner(String bucket, Lineage lineage) {
    reached().removeOwner(bucket, lineage);
  }

  @Override
  public int deleteBatch(String bucket, String prefix, int most) {
    return reached().deleteBatch(bucket, prefix, most);
  }

  @Override
  public void deleteKeys(String bucket, List<String> keys) {
    reached().deleteKeys(bucket, keys);
  }

  @Override
  public List<Stored> page(String bucket, String prefix, Optional<String> after, int most) {
    return reached().page(bucket, prefix, after, most);
  }

  @Override
  public void removeBucket(String bucket) {
    reached().removeBucket(bucket);
  }

  @Override
  public void put(String bucket, String key, Path file) {
    reached().put(bucket, key, file);
  }

  @Override
  public boolean get(String bucket, String key, Path file) {
    return reached().get(bucket, key, file);
  }
}
