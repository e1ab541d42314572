package io.juicebox.test.outages;

import static org.assertj.core.api.Assertions.assertThat;

import io.juicebox.csi.spec.ControllerGetVolumeHealthRequest;
import io.juicebox.csi.spec.ControllerGetVolumeRequest;
import io.juicebox.csi.spec.ControllerListVolumeHealthRequest;
import io.juicebox.csi.spec.GetCapacityRequest;
import io.juicebox.csi.spec.ListVolumesRequest;
import io.juicebox.csi.spec.NodeGetVolumeHealthRequest;
import io.juicebox.csi.spec.NodeGetVolumeStatsRequest;
import io.juicebox.csi.spec.ProbeRequest;
import io.juicebox.csi.spec.ValidateVolumeCapabilitiesRequest;
import io.juicebox.csi.spec.Volume;
import io.juicebox.csi.spec.VolumeCapability.AccessMode.Mode;
import io.juicebox.test.client.Requests;
import io.juicebox.test.server.ProcessMark;
import io.juicebox.test.server.Remains;
import io.juicebox.test.stack.DriverProcess;
import io.juicebox.test.stack.LocalStack;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.function.Function;

/**
 * The volumes that the calls of one outage are about: each call has its own where two would get in
 * each other's way.
 */
final class Scene {
  private static final Mode MODE = Mode.SINGLE_NODE_MULTI_WRITER;
  private static final long SIZE = 1L << 30;
  private static final Duration IO = Duration.ofSeconds(40);

  private final LocalStack stack;
  private final String name;

  /** Published, with data that an application was told is safe. */
  private final Volume used;

  /** Published, to be unpublished. */
  private final Volume idle;

  /** Not published. */
  private final Volume spare;

  /** Not published, to be deleted. */
  private final Volume doomed;

  private final ProcessMark juicefs;

  private Scene(LocalStack stack, String name, List<Volume> volumes) {
    this.stack = stack;
    this.name = name;
    this.used = volumes.get(0);
    this.idle = volumes.get(1);
    this.spare = volumes.get(2);
    this.doomed = volumes.get(3);
    publish(used);
    publish(idle);
    write("acknowledged");
    Program.run(IO, "cp", file("acknowledged").toString(), copy().toString());
    this.juicefs = juicefs(stack, used);
  }

  /** Makes the volumes and publishes two of them. */
  static Scene set(LocalStack stack, String name) {
    var controller = stack.controller().client().controller();
    return new Scene(
        stack,
        name,
        inParallel(
            List.of("used", "idle", "spare", "doomed"),
            volume ->
                controller
                    .createVolume(Requests.create(name + "-" + volume, SIZE, MODE))
                    .getVolume()));
  }

  /** The lineage of the volume that {@link Call#DELETE} deletes. */
  String doomedLineage() {
    return doomed.getVolumeContextOrThrow("lineage");
  }

  /** Makes a call once. */
  Answer make(Call call) {
    return switch (call) {
      case CONTROLLER_PROBE, NODE_PROBE -> probe(call);
      case CONTROLLER_HEALTHZ, NODE_HEALTHZ, CONTROLLER_READYZ, NODE_READYZ -> http(call);
      case LIST, GET, CAPACITY, VALIDATE, CONTROLLER_HEALTH, LIST_HEALTH -> ask(call);
      case CREATE, EXPAND, DELETE -> change(call);
      case PUBLISH_FIRST, PUBLISH_AGAIN, UNPUBLISH, STATS, NODE_HEALTH -> node(call);
    };
  }

  private Answer probe(Call call) {
    var program = call == Call.NODE_PROBE ? stack.node() : stack.controller();
    return Answer.of(() -> program.client().identity().probe(ProbeRequest.getDefaultInstance()));
  }

  private Answer http(Call call) {
    return switch (call) {
      case CONTROLLER_HEALTHZ -> http(stack.controller(), "/healthz");
      case CONTROLLER_READYZ -> http(stack.controller(), "/readyz");
      case NODE_HEALTHZ -> http(stack.node(), "/healthz");
      case NODE_READYZ -> http(stack.node(), "/readyz");
      default -> throw new IllegalArgumentException(call.title());
    };
  }

  private static Answer http(DriverProcess program, String path) {
    return Answer.http(program.setting("OPS_ADDRESS"), path);
  }

  private Answer ask(Call call) {
    var controller = stack.controller().client().controller();
    var id = used.getVolumeId();
    return Answer.of(() ->
        switch (call) {
          case LIST -> controller.listVolumes(ListVolumesRequest.getDefaultInstance());
          case GET ->
              controller.controllerGetVolume(
                  ControllerGetVolumeRequest.newBuilder().setVolumeId(id).build());
          case CAPACITY -> controller.getCapacity(GetCapacityRequest.getDefaultInstance());
          case VALIDATE ->
              controller.validateVolumeCapabilities(
                  ValidateVolumeCapabilitiesRequest.newBuilder()
                      .setVolumeId(id)
                      .addVolumeCapabilities(Requests.capability(MODE))
                      .build());
          case CONTROLLER_HEALTH ->
              controller.controllerGetVolumeHealth(
                  ControllerGetVolumeHealthRequest.newBuilder().setVolumeId(id).build());
          case LIST_HEALTH ->
              controller.controllerListVolumeHealth(
                  ControllerListVolumeHealthRequest.getDefaultInstance());
          default -> throw new IllegalArgumentException(call.title());
        });
  }

  private Answer change(Call call) {
    var controller = stack.controller().client().controller();
    return Answer.of(() ->
        switch (call) {
          case CREATE -> controller.createVolume(Requests.create(name + "-new", SIZE, MODE));
          case EXPAND -> controller.controllerExpandVolume(Requests.expand(used, 2 * SIZE));
          case DELETE -> controller.deleteVolume(Requests.delete(doomed));
          default -> throw new IllegalArgumentException(call.title());
        });
  }

  private Answer node(Call call) {
    var node = stack.node().client().node();
    var id = used.getVolumeId();
    return Answer.of(() ->
        switch (call) {
          case PUBLISH_FIRST ->
              node.nodePublishVolume(Requests.publish(spare, target(spare), MODE, stack.secrets()));
          case PUBLISH_AGAIN ->
              node.nodePublishVolume(Requests.publish(used, target(used), MODE, stack.secrets()));
          case UNPUBLISH -> node.nodeUnpublishVolume(Requests.unpublish(idle, target(idle)));
          case STATS ->
              node.nodeGetVolumeStats(
                  NodeGetVolumeStatsRequest.newBuilder()
                      .setVolumeId(id)
                      .setVolumePath(target(used).toString())
                      .build());
          case NODE_HEALTH ->
              node.nodeGetVolumeHealth(
                  NodeGetVolumeHealthRequest.newBuilder().setVolumeId(id).build());
          default -> throw new IllegalArgumentException(call.title());
        });
  }

  /** An application begins to write and sync a file; it may have to wait. */
  Program startWriting(String file) {
    return Program.start(dd(file));
  }

  /** An application writes and syncs a file. */
  void write(String file) {
    Program.run(IO, dd(file));
  }

  private String[] dd(String file) {
    return new String[] {
      "dd", "if=/dev/urandom", "of=" + file(file), "bs=64k", "count=16", "conv=fsync"
    };
  }

  /** Whether the acknowledged data can be read and is what was written. */
  void checkAcknowledged() {
    Program.run(IO, "cmp", file("acknowledged").toString(), copy().toString());
  }

  /** Whether a file that {@link #startWriting} was told is safe is whole. */
  void checkWhole(String file) {
    Program.run(IO, "sh", "-c", "[ $(wc -c < " + file(file) + ") = 1048576 ]");
  }

  /** Fails unless the processes are those of the beginning. */
  void checkProcesses(long controller, long node) {
    assertThat(stack.controller().program().isAlive()).as("the controller lives").isTrue();
    assertThat(stack.node().program().isAlive()).as("the node lives").isTrue();
    assertThat(stack.controller().pid()).isEqualTo(controller);
    assertThat(stack.node().pid()).isEqualTo(node);
    assertThat(juicefs.isAlive()).as("the volume's juicefs lives").isTrue();
  }

  /**
   * The volume that was unpublished in the outage can be published again at once, and the used one
   * has its data in a mount that has cached nothing; then all of it goes.
   */
  void clear() {
    publish(idle);
    unpublish(idle);
    unpublish(used);
    publish(used);
    checkAcknowledged();
    unpublish(used);
    unpublish(spare);
    var controller = stack.controller().client().controller();
    var made = controller.createVolume(Requests.create(name + "-new", SIZE, MODE)).getVolume();
    var _ =
        inParallel(
            List.of(used, idle, spare, doomed, made),
            volume -> controller.deleteVolume(Requests.delete(volume)));
    try {
      Files.delete(copy());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void publish(Volume volume) {
    var request = Requests.publish(volume, target(volume), MODE, stack.secrets());
    var _ = stack.node().client().node().nodePublishVolume(request);
  }

  private void unpublish(Volume volume) {
    var request = Requests.unpublish(volume, target(volume));
    var _ = stack.node().client().node().nodeUnpublishVolume(request);
  }

  private Path target(Volume volume) {
    return stack.target(volume.getVolumeId());
  }

  private Path file(String file) {
    return target(used).resolve(file);
  }

  /** What was acknowledged, outside of any volume. */
  private Path copy() {
    return stack.home().resolve(name + ".copy");
  }

  /** The process that serves a volume. */
  static ProcessMark juicefs(LocalStack stack, Volume volume) {
    return Remains.processesNaming(stack.home()).stream()
        .filter(pid -> output(pid).contains(volume.getVolumeId()))
        .findFirst()
        .flatMap(ProcessMark::of)
        .orElseThrow();
  }

  private static String output(long pid) {
    try {
      return Files.readSymbolicLink(Path.of("/proc", Long.toString(pid), "fd/1")).toString();
    } catch (IOException e) {
      return ""; // it ended a moment ago
    }
  }

  static <Q, A> List<A> inParallel(List<Q> questions, Function<Q, A> ask) {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var answers =
          questions.stream()
              .map(question -> CompletableFuture.supplyAsync(() -> ask.apply(question), threads))
              .toList();
      return answers.stream().map(CompletableFuture::join).toList();
    }
  }
}
