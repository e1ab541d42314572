package io.juicebox.test.posix;

import io.juicebox.csi.spec.Volume;
import io.juicebox.csi.spec.VolumeCapability.AccessMode.Mode;
import io.juicebox.test.client.Requests;
import io.juicebox.test.stack.LocalStack;
import java.nio.file.Path;

/** A volume that was created and published through the CSI sockets, until it is closed. */
final class PublishedVolume implements AutoCloseable {
  private static final Mode MODE = Mode.SINGLE_NODE_MULTI_WRITER;

  private final LocalStack stack;
  private final Volume volume;
  private final Path directory;

  private PublishedVolume(LocalStack stack, Volume volume, Path directory) {
    this.stack = stack;
    this.volume = volume;
    this.directory = directory;
  }

  static PublishedVolume create(LocalStack stack, String name, long bytes) {
    var controller = stack.controller().client().controller();
    var volume = controller.createVolume(Requests.create(name, bytes, MODE)).getVolume();
    var published = new PublishedVolume(stack, volume, stack.target(name));
    published.publishAt(published.directory);
    return published;
  }

  /** Publishes it at one more target; the caller unpublishes it there. */
  void publishAt(Path another) {
    var publish = Requests.publish(volume, another, MODE, stack.secrets());
    var _ = stack.node().client().node().nodePublishVolume(publish);
  }

  void unpublishAt(Path another) {
    var unpublish = Requests.unpublish(volume, another);
    var _ = stack.node().client().node().nodeUnpublishVolume(unpublish);
  }

  void expand(long bytes) {
    var expand = Requests.expand(volume, bytes);
    var _ = stack.controller().client().controller().controllerExpandVolume(expand);
  }

  /** Where applications see it. */
  Path directory() {
    return directory;
  }

  /** Unpublishes and deletes it. */
  @Override
  public void close() {
    unpublishAt(directory);
    var _ = stack.controller().client().controller().deleteVolume(Requests.delete(volume));
  }
}
