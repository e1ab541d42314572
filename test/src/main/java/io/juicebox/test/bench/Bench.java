package io.juicebox.test.bench;

import io.juicebox.csi.spec.ProbeRequest;
import io.juicebox.csi.spec.Volume;
import io.juicebox.csi.spec.VolumeCapability.AccessMode.Mode;
import io.juicebox.test.client.Requests;
import io.juicebox.test.server.Remains;
import io.juicebox.test.server.TestDirectory;
import io.juicebox.test.stack.DriverProcess;
import io.juicebox.test.stack.LocalStack;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Measures the driver beside what it runs underneath, the two alternating, so that a busy machine
 * slows both. Medians are comparable within one run only.
 */
public final class Bench {
  private static final int ROUNDS = 30;
  private static final int WARM_UP = 10;

  /** After so many calls the compiler has seen what each call passes through. */
  private static final int WARM_UP_PROBES = 1000;

  private static final int WARM_UP_PUBLICATIONS = 300;
  private static final int TRICKLE = 30;

  /** Time to make another account in advance. */
  private static final Duration DROP = Duration.ofSeconds(2);

  private static final int STARTS = 10;
  private static final int IDLE_MOUNTS = 5;
  private static final long GIB = 1L << 30;
  private static final Mode MODE = Mode.SINGLE_NODE_MULTI_WRITER;

  /** Far above the numbers that the controller hands out. */
  private static final int FIRST_BARE_NUMBER = 3000;

  private final Table table = new Table();
  private final LocalStack stack;
  private final BareJuicefs bare;

  private Bench(LocalStack stack, BareJuicefs bare) {
    this.stack = stack;
    this.bare = bare;
  }

  /** Runs all of it; whether every limit was kept. */
  public static boolean run() throws Exception {
    try (var directory = TestDirectory.create("b");
        var stack = LocalStack.start()) {
      var bench = new Bench(stack, new BareJuicefs(stack.backend(), directory.path()));
      bench.volumes();
      bench.trickle();
      new Burst(stack).run(bench.table);
      bench.idle();
      bench.starts();
      System.out.printf(
          "%n%d processors, load average %s%n",
          Runtime.getRuntime().availableProcessors(),
          Files.readString(Path.of("/proc/loadavg")).strip());
      return bench.table.print();
    }
  }

  /** Times of one kind of call each, and of the two bare commands. */
  private static final class Times {
    final Samples create = new Samples();
    final Samples format = new Samples();
    final Samples publish = new Samples();
    final Samples mount = new Samples();
    final Samples second = new Samples();
    final Samples unpublish = new Samples();
    final Samples last = new Samples();
    final Samples unmount = new Samples();
    final Samples delete = new Samples();
  }

  private void volumes() throws Exception {
    var cold = new Times();
    for (var round = 0; round < WARM_UP; round++) {
      say("warming up", round, WARM_UP);
      round(cold, round);
    }
    warmUp();
    var times = new Times();
    for (var round = 0; round < ROUNDS; round++) {
      say("create, publish, unpublish, delete", round, ROUNDS);
      round(times, WARM_UP + round);
    }
    table.ratio("CreateVolume / juicefs format", times.create, times.format, 1.3);
    table.ratio("first NodePublishVolume / juicefs mount", times.publish, times.mount, 1.3);
    table.time("second NodePublishVolume", times.second, 10);
    table.time("... of a program that has just started", cold.second);
    table.time("NodeUnpublishVolume, not the last", times.unpublish);
    table.ratio("NodeUnpublishVolume, the last / umount", times.last, times.unmount);
    table.time("DeleteVolume, empty", times.delete);
  }

  /** Brings both programs and this one's client to the speed that they have in daily work. */
  private void warmUp() {
    for (var i = 0; i < WARM_UP_PROBES; i++) {
      stack.controller().client().identity().probe(ProbeRequest.getDefaultInstance());
      stack.node().client().identity().probe(ProbeRequest.getDefaultInstance());
    }
    var volume = create("warm-up");
    publish(volume, "warm-up");
    for (var i = 0; i < WARM_UP_PUBLICATIONS; i++) {
      publish(volume, "warm-up-again");
      unpublish(volume, "warm-up-again");
    }
    unpublish(volume, "warm-up");
    delete(volume);
  }

  private void round(Times times, int round) throws Exception {
    var number = FIRST_BARE_NUMBER + round;
    times.format.measure(() -> {
      bare.format(number);
      return number;
    });
    var volume = times.create.measure(() -> create("bench-" + round));
    var mounted = times.mount.measure(() -> bare.mount(number));
    times.publish.measure(() -> publish(volume, "first-" + round));
    times.second.measure(() -> publish(volume, "second-" + round));
    times.unpublish.measure(() -> unpublish(volume, "second-" + round));
    times.unmount.measure(() -> {
      bare.unmount(number, mounted);
      return number;
    });
    times.last.measure(() -> unpublish(volume, "first-" + round));
    times.delete.measure(() -> delete(volume));
  }

  /** Volumes whose accounts can be made in the time between them. */
  private void trickle() throws Exception {
    var volumes = new ArrayList<Volume>();
    var times = new Samples();
    for (var i = 0; i < TRICKLE; i++) {
      say("create, one every " + DROP.toSeconds() + " s", i, TRICKLE);
      Thread.sleep(DROP);
      var name = "trickle-" + i;
      volumes.add(times.measure(() -> create(name)));
    }
    table.time("CreateVolume, one every " + DROP.toSeconds() + " s", times, 60);
    table.tail("... 95th percentile", times);
    volumes.forEach(this::delete);
  }

  /** Memory of both programs and of one mount among several, all idle. */
  private void idle() throws Exception {
    var volumes = new ArrayList<Volume>();
    for (var i = 0; i < IDLE_MOUNTS; i++) {
      volumes.add(create("idle-" + i));
      publish(volumes.getLast(), "idle-" + i);
    }
    say("waiting until everything is idle", 0, 1);
    Thread.sleep(Duration.ofSeconds(15));
    table.memory("PSS of the controller", Memory.pss(stack.controller().pid()), 180);
    table.memory("PSS of the node plugin", Memory.pss(stack.node().pid()), 100);
    var mounts = mounts();
    var pss = mounts.stream().mapToDouble(Memory::pss).average().orElseThrow();
    table.memory("PSS of one idle mount", pss, "of " + mounts.size());
    for (var i = 0; i < IDLE_MOUNTS; i++) {
      unpublish(volumes.get(i), "idle-" + i);
      delete(volumes.get(i));
    }
  }

  private List<Long> mounts() {
    return Remains.processesNaming(stack.home()).stream().filter(Bench::isJuicefs).toList();
  }

  private static boolean isJuicefs(long pid) {
    try {
      return Files.readString(Path.of("/proc", Long.toString(pid), "comm"))
          .strip()
          .equals("juicefs");
    } catch (IOException e) {
      return false;
    }
  }

  /** From the start of the process to the first Probe that is answered. */
  private void starts() throws Exception {
    var controller = new Samples();
    var node = new Samples();
    for (var i = 0; i < STARTS; i++) {
      say("starting the programs", i, STARTS);
      start(stack.controller(), controller);
      start(stack.node(), node);
    }
    table.time("start of the controller to its first Probe", controller);
    table.time("start of the node plugin to its first Probe", node);
  }

  private static void start(DriverProcess process, Samples samples) throws Exception {
    process.stop();
    samples.measure(() -> {
      process.restart();
      return process;
    });
  }

  private Volume create(String name) {
    return stack
        .controller()
        .client()
        .controller()
        .createVolume(Requests.create(name, GIB, MODE))
        .getVolume();
  }

  private Object publish(Volume volume, String target) {
    var request = Requests.publish(volume, stack.target(target), MODE, stack.secrets());
    return stack.node().client().node().nodePublishVolume(request);
  }

  private Object unpublish(Volume volume, String target) {
    return stack
        .node()
        .client()
        .node()
        .nodeUnpublishVolume(Requests.unpublish(volume, stack.target(target)));
  }

  private Object delete(Volume volume) {
    return stack.controller().client().controller().deleteVolume(Requests.delete(volume));
  }

  private static void say(String what, int done, int all) {
    System.out.printf("%s: %d of %d%n", what, done + 1, all);
  }
}
