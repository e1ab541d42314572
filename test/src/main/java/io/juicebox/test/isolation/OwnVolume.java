package io.juicebox.test.isolation;

import io.juicebox.csi.spec.Snapshot;
import io.juicebox.csi.spec.Volume;
import io.juicebox.csi.spec.VolumeCapability.AccessMode.Mode;
import io.juicebox.test.bench.BareJuicefs;
import io.juicebox.test.client.Requests;
import io.juicebox.test.stack.LocalStack;
import io.minio.ListObjectsArgs;
import io.minio.errors.MinioException;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;

/** A volume that was created through the CSI socket, and what it has in the backend. */
public record OwnVolume(LocalStack stack, Volume volume, Path target) {
  private static final Mode MODE = Mode.SINGLE_NODE_MULTI_WRITER;
  private static final long BYTES = 4L << 30;

  public static OwnVolume create(LocalStack stack, String name) {
    var controller = stack.controller().client().controller();
    var volume = controller.createVolume(Requests.create(name, BYTES, MODE)).getVolume();
    return new OwnVolume(stack, volume, stack.target(name));
  }

  /** A volume of its own with what a snapshot holds, published nowhere. */
  public static OwnVolume restore(LocalStack stack, String name, Snapshot snapshot) {
    var controller = stack.controller().client().controller();
    var volume = controller.createVolume(Requests.from(name, snapshot, MODE)).getVolume();
    return new OwnVolume(stack, volume, stack.target(name));
  }

  /** Another volume with what this one has now, published nowhere. */
  public OwnVolume fork(String name) {
    var controller = stack.controller().client().controller();
    var fork = controller.createVolume(Requests.from(name, volume, MODE)).getVolume();
    return new OwnVolume(stack, fork, stack.target(name));
  }

  /** What this one has now, kept. */
  public Snapshot snapshot(String name) {
    var controller = stack.controller().client().controller();
    return controller.createSnapshot(Requests.snapshot(name, volume)).getSnapshot();
  }

  public void publish() {
    var publish = Requests.publish(volume, target, MODE, stack.secrets());
    var _ = stack.node().client().node().nodePublishVolume(publish);
  }

  public void unpublish() {
    var _ = stack.node().client().node().nodeUnpublishVolume(Requests.unpublish(volume, target));
  }

  public void delete() {
    var _ = stack.controller().client().controller().deleteVolume(Requests.delete(volume));
  }

  /** How many blocks lie in the object store. */
  public int blocks() {
    var all =
        ListObjectsArgs.builder()
            .bucket(stack.backend().bucket())
            .prefix(lineage() + "/chunks/")
            .recursive(true)
            .build();
    int count = 0;
    try {
      for (var object : stack.objects(stack.backend()).listObjects(all)) {
        var _ = object.get();
        count++;
      }
    } catch (MinioException | GeneralSecurityException | IOException e) {
      throw new IllegalStateException(e);
    }
    return count;
  }

  /** What redis-cli prints for a command in the volume's number. */
  public String redis(String... command) {
    return stack.backend().redis().cli(number(), command);
  }

  /** Fails when juicefs finds its blocks incomplete. */
  public void fsck() {
    new BareJuicefs(stack.backend(), stack.home()).fsck(number());
  }

  /** Its place in Redis. */
  public int number() {
    return Integer.parseInt(volume.getVolumeContextOrThrow("number"));
  }

  /** What the keys of its blocks begin with, without the slash. */
  public String lineage() {
    return volume.getVolumeContextOrThrow("lineage");
  }
}
