package io.juicebox.test.demo;

import io.grpc.StatusRuntimeException;
import io.juicebox.csi.spec.Volume;
import io.juicebox.csi.spec.VolumeCapability.AccessMode.Mode;
import io.juicebox.test.client.Requests;
import io.juicebox.test.local.LocalRun;
import io.juicebox.test.server.RandomText;
import io.juicebox.test.server.Tools;
import io.juicebox.test.server.Waiting;
import io.juicebox.test.stack.Inventory;
import io.juicebox.test.stack.LocalStack;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Provisions a volume through the CSI sockets, does in it what mount-s3 could not do, grows it, and
 * removes it. Brings the local stack up first and down at the end, however it ends.
 */
public final class Demo {
  private static final long GIB = 1L << 30;
  private static final Mode MODE = Mode.SINGLE_NODE_MULTI_WRITER;

  /** A mount learns its new capacity with its next heartbeat, 12 s at most. */
  private static final Duration HEARTBEAT = Duration.ofSeconds(15);

  /** A large delete goes on in the background. */
  private static final Duration DELETION = Duration.ofSeconds(60);

  /** Programs in the volume, each with what the person reads: title, script, case. */
  private static final List<Case> CASES =
      List.of(
          new Case(
              "write tmp; mv tmp over an existing file", "replace", "mv_over_an_existing_file"),
          new Case("HDF5 written in place (h5py)", "science", "hdf5_is_written_in_place"),
          new Case(".h5ad written in place (anndata)", "science", "h5ad_is_written_in_place"),
          new Case(
              "SQLite, rollback journal (DELETE), 4 writers",
              "databases",
              "four_writers_with_a_rollback_journal"),
          new Case(
              "SQLite, write-ahead log (WAL), 4 writers",
              "databases",
              "four_writers_with_a_write_ahead_log"),
          new Case("flock excludes", "locks", "flock_excludes"),
          new Case("fcntl excludes", "locks", "fcntl_excludes"),
          new Case("mmap shared by processes", "mapping", "processes_share_a_mapping"),
          new Case("git clone, commit, fsck", "repository", "clone_commit_and_check"));

  private record Case(String title, String script, String name) {}

  private final Narrator narrator = new Narrator(System.out);

  private Demo() {}

  /** Runs it; the exit code is 0 if every step went well. */
  public static int run() {
    var ending = new AtomicBoolean();
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  ending.set(true);
                  LocalRun.down();
                },
                "down"));
    var demo = new Demo();
    try {
      demo.show();
      System.out.printf("%nAll %d steps went well.%n", demo.narrator.steps());
      return 0;
    } catch (Exception e) {
      // With Ctrl-C the programs of the step under way end too; their last words explain nothing.
      System.out.println("\n" + (ending.get() ? "interrupted" : reason(e)));
      return 1;
    }
  }

  private static String reason(Exception e) {
    return e instanceof StatusRuntimeException || e instanceof IllegalStateException
        ? String.valueOf(e.getMessage())
        : e.toString();
  }

  private void show() throws Exception {
    System.out.println("Juicebox CSI: a volume from its creation to its end");
    narrator.heading("The local stack");
    var stack = new LocalStack[1];
    narrator.step(
        "up: Redis, MinIO, controller, node",
        () -> {
          stack[0] = LocalRun.up().stack();
          return "settings in .run/env";
        });
    show(stack[0]);
    narrator.heading("The end");
    narrator.step("down", () -> LocalRun.down() ? "no process, mount or file is left" : "");
  }

  private void show(LocalStack stack) throws Exception {
    var before = stack.inventory();
    var first = stack.target("first");
    var second = stack.target("second");

    narrator.heading("Provision and publish");
    var volume = create(stack);
    publish(stack, volume, "publish at a first target (starts juicefs)", first);
    publish(stack, volume, "publish at a second target (a bind mount)", second);

    narrator.heading("What broke under mount-s3, and what else a POSIX volume does");
    for (var use : CASES) {
      narrator.step(use.title, () -> python(use, first));
    }
    narrator.step("written at the first target, read at the second", () -> share(first, second));

    narrator.heading("Capacity");
    narrator.step("df", () -> df(first, GIB));
    narrator.step("expand to 2 GiB, online", () -> expand(stack, volume));
    narrator.step("df again (the mount asks every 12 s)", () -> grown(first));

    narrator.heading("Unpublish and delete");
    unpublish(stack, volume, "unpublish the second target", second);
    unpublish(stack, volume, "unpublish the first target (ends juicefs)", first);
    narrator.step(
        "delete the volume",
        () -> {
          var _ = stack.controller().client().controller().deleteVolume(Requests.delete(volume));
          return "";
        });
    narrator.step("Redis and the bucket are empty", () -> emptied(before, stack));
  }

  private Volume create(LocalStack stack) throws Exception {
    var created = new Volume[1];
    narrator.step(
        "create a volume of 1 GiB",
        () -> {
          var request = Requests.create("demo-" + RandomText.of(6), GIB, MODE);
          created[0] = stack.controller().client().controller().createVolume(request).getVolume();
          return created[0].getVolumeId();
        });
    return created[0];
  }

  private void publish(LocalStack stack, Volume volume, String what, Path target) throws Exception {
    narrator.step(
        what,
        () -> {
          var request = Requests.publish(volume, target, MODE, stack.secrets());
          var _ = stack.node().client().node().nodePublishVolume(request);
          return target.toString();
        });
  }

  private void unpublish(LocalStack stack, Volume volume, String what, Path target)
      throws Exception {
    narrator.step(
        what,
        () -> {
          var _ =
              stack.node().client().node().nodeUnpublishVolume(Requests.unpublish(volume, target));
          return "";
        });
  }

  private static String python(Case use, Path folder) throws Exception {
    var scripts = Tools.repository().orElseThrow().resolve("test/posix");
    var _ =
        Shell.run(
            Tools.python().toString(),
            "-B",
            scripts.resolve(use.script + ".py").toString(),
            use.name,
            folder.toString());
    return "ok";
  }

  private static String share(Path first, Path second) throws Exception {
    Files.writeString(first.resolve("note"), "one volume, two targets");
    return "\"" + Files.readString(second.resolve("note")) + "\"";
  }

  private static String df(Path target, long expected) throws Exception {
    var bytes = size(target);
    if (bytes != expected) {
      throw new IllegalStateException("df says %,d bytes, not %,d".formatted(bytes, expected));
    }
    return "%,d bytes, exactly %d GiB".formatted(bytes, bytes / GIB);
  }

  private static long size(Path target) throws Exception {
    var lines = Shell.run("df", "--block-size=1", "--output=size", target.toString()).lines();
    return Long.parseLong(lines.skip(1).findFirst().orElseThrow().strip());
  }

  private static String expand(LocalStack stack, Volume volume) {
    var answer =
        stack
            .controller()
            .client()
            .controller()
            .controllerExpandVolume(Requests.expand(volume, 2 * GIB));
    return "%,d bytes promised".formatted(answer.getCapacityBytes());
  }

  private static String grown(Path target) throws Exception {
    var _ =
        Waiting.until(
            () -> {
              try {
                return size(target) == 2 * GIB;
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            },
            HEARTBEAT,
            Duration.ofMillis(200));
    return df(target, 2 * GIB);
  }

  private static String emptied(Inventory before, LocalStack stack) {
    var left = stack.leftSince(before, DELETION);
    if (!left.isEmpty()) {
      throw new IllegalStateException("these should be gone:\n" + Inventory.brief(left));
    }
    var now = stack.inventory();
    return "%d keys, %d objects, %d mounts"
        .formatted(now.of("key").size(), now.of("object").size(), now.of("mount").size());
  }
}
