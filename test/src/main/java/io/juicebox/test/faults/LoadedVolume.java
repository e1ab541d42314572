package io.juicebox.test.faults;

import io.juicebox.csi.spec.Volume;
import io.juicebox.csi.spec.VolumeCapability.AccessMode.Mode;
import io.juicebox.mountservice.v1.ListRequest;
import io.juicebox.mountservice.v1.ListResponse;
import io.juicebox.test.client.MountServiceClient;
import io.juicebox.test.client.Requests;
import io.juicebox.test.stack.Backend;
import io.juicebox.test.stack.LocalStack;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A volume that was created and published through the CSI sockets, and what uses it. */
final class LoadedVolume implements AutoCloseable {
  private static final Mode MODE = Mode.SINGLE_NODE_MULTI_WRITER;
  private static final long BYTES = 1L << 30;

  private final LocalStack stack;
  private final String name;
  private final Volume volume;
  private int loads;

  private LoadedVolume(LocalStack stack, String name, Volume volume) {
    this.stack = stack;
    this.name = name;
    this.volume = volume;
  }

  /** Creates it; it is not published yet. */
  static LoadedVolume create(LocalStack stack, String name) {
    return create(stack, name, Map.of());
  }

  /**
   * @param parameters of the StorageClass
   */
  static LoadedVolume create(LocalStack stack, String name, Map<String, String> parameters) {
    var request = Requests.create(name, BYTES, MODE).toBuilder().putAllParameters(parameters);
    var controller = stack.controller().client().controller();
    return new LoadedVolume(stack, name, controller.createVolume(request.build()).getVolume());
  }

  /** Creates and publishes it. */
  static LoadedVolume published(LocalStack stack, String name) {
    var volume = create(stack, name);
    volume.publish();
    return volume;
  }

  void publish() {
    publishAt(target());
  }

  void publishAt(Path another) {
    var request = Requests.publish(volume, another, MODE, stack.secrets());
    var _ = stack.node().client().node().nodePublishVolume(request);
  }

  void unpublish() {
    unpublishAt(target());
  }

  void unpublishAt(Path another) {
    var request = Requests.unpublish(volume, another);
    var _ = stack.node().client().node().nodeUnpublishVolume(request);
  }

  /** Starts programs that use it where it is published, in a folder of their own. */
  Load load(List<String> kinds) {
    return load(target(), 1, kinds);
  }

  /**
   * As {@link #load(List)}, of a volume that is mounted elsewhere, or slower.
   *
   * @param pace 1 for some hundred operations a second
   */
  Load load(Path mount, double pace, List<String> kinds) {
    loads++;
    var output = stack.home().resolve("load-%s-%d".formatted(name, loads));
    return Load.start(mount.resolve("load-" + loads), pace, output, kinds);
  }

  Volume volume() {
    return volume;
  }

  /** Where its metadata and its data are; the volume's id begins with its name. */
  Backend backend() {
    return stack.backend(id().substring(0, id().lastIndexOf('-')));
  }

  String id() {
    return volume.getVolumeId();
  }

  /** Where the CO sees it. */
  Path target() {
    return stack.target(name);
  }

  /** What the mount service says of it: its process, its directory, its health. */
  ListResponse.Entry mount() {
    try (var service = MountServiceClient.of(stack.mountService().socket())) {
      return service.calls().list(ListRequest.getDefaultInstance()).getEntriesList().stream()
          .filter(entry -> entry.getMount().getVolumeId().equals(id()))
          .findFirst()
          .orElseThrow(() -> new AssertionError(id() + " is not mounted"));
    }
  }

  /** The process that serves it now. */
  long juicefs() {
    return mount().getMount().getPid();
  }

  /** Deletes it; it must be published nowhere. */
  void delete() {
    var _ = stack.controller().client().controller().deleteVolume(Requests.delete(volume));
  }

  /** Unpublishes and deletes it. */
  @Override
  public void close() {
    unpublish();
    delete();
  }
}
