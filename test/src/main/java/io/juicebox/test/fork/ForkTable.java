package io.juicebox.test.fork;

import io.juicebox.csi.spec.Snapshot;
import io.juicebox.test.client.Requests;
import io.juicebox.test.fork.Observer.Cost;
import io.juicebox.test.isolation.Loader;
import io.juicebox.test.isolation.ManyFiles;
import io.juicebox.test.isolation.OwnVolume;
import io.juicebox.test.server.Command;
import io.juicebox.test.server.Tools;
import io.juicebox.test.server.Waiting;
import io.juicebox.test.stack.LocalStack;
import io.juicebox.test.table.Table;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * One table of what a fork, a snapshot and a restore cost, and what others notice of them, beside
 * {@code juicefs clone} and {@code cp -a} of the same tree. Those of a round come one after
 * another, so that a busy machine slows all.
 */
public final class ForkTable {
  private static final int WARM_UP = 5;
  private static final int MANY = 10_000;
  private static final int VERY_MANY = 100_000;

  /** Of all rounds of a size, but from two to ten. */
  private static final int FILES_IN_ALL = 50_000;

  private static final double MOST_WAIT = 50; // ms, of others
  private static final double MOST_OF_A_CLONE = 1 / 3.0; // a fork of many
  private static final double MOST_SECONDS = 10; // a fork of very many
  private static final double MOST_OBJECTS = 2; // MiB, a snapshot of many

  private static final Duration NOTHING = Duration.ofSeconds(10);

  /** Of the commands that are compared: nobody waits longer for them. */
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  private static final Duration POLL = Duration.ofMillis(10);

  private final LocalStack stack;
  private final Observer observer;
  private final List<Cost> nothing = new ArrayList<>();
  private final List<String> missed = new ArrayList<>();
  private final Table table =
      new Table(
          "Copies, times in s, waits of others in ms, growth in MiB",
          "files",
          "what",
          "rounds",
          "median",
          "longest",
          "SET/GET elsewhere",
          "a neighbour's write",
          "Redis",
          "objects");

  private ForkTable(LocalStack stack, Observer observer) {
    this.stack = stack;
    this.observer = observer;
  }

  /**
   * Measures and prints the table and what was missed; whether nothing was.
   *
   * @param sizes how many files the trees have; 1,000, 10,000 and 100,000 if it is empty
   */
  public static boolean run(List<Integer> sizes) throws IOException {
    try (var stack = LocalStack.start();
        var observer = Observer.start(stack)) {
      var forks = new ForkTable(stack, observer);
      forks.warmUp();
      forks.nothing();
      for (int files : sizes.isEmpty() ? List.of(1_000, MANY, VERY_MANY) : sizes) {
        forks.measure(files, Math.clamp(FILES_IN_ALL / files, 2, 10));
      }
      forks.table.print(System.out);
      forks.missed.forEach(miss -> System.out.println("MISSED " + miss));
      System.out.printf(
          "%d processors, load average %s%n",
          Runtime.getRuntime().availableProcessors(),
          Files.readString(Path.of("/proc/loadavg")).strip());
      return forks.missed.isEmpty();
    }
  }

  /** Brings the controller to the speed that it has in daily work. */
  private void warmUp() {
    var source = filled("warm-up", 1_000);
    for (int i = 0; i < WARM_UP; i++) {
      var snapshot = source.snapshot("warm-up-" + i);
      OwnVolume.restore(stack, "warm-up-restored-" + i, snapshot).delete();
      source.fork("warm-up-forked-" + i).delete();
      delete(snapshot);
    }
    source.unpublish();
    source.delete();
  }

  private void nothing() {
    var _ = observer.observe(nothing, () -> Waiting.until(() -> false, NOTHING, POLL));
    row("", "nothing", nothing);
  }

  private void measure(int files, int rounds) {
    var source = filled("files-" + files, files);
    var snapshots = new ArrayList<Cost>();
    var restores = new ArrayList<Cost>();
    var forks = new ArrayList<Cost>();
    var clones = new ArrayList<Cost>();
    var copies = new ArrayList<Cost>();
    for (int round = 0; round < rounds; round++) {
      System.out.printf("%d files: %d of %d%n", files, round + 1, rounds);
      var name = "of-%d-%d".formatted(files, round);
      var snapshot = observer.observe(snapshots, () -> source.snapshot(name));
      var restored = observer.observe(restores, () -> OwnVolume.restore(stack, name, snapshot));
      var fork = observer.observe(forks, () -> source.fork("fork-" + name));
      fork.publish();
      observe(clones, juicefsClone(fork));
      if (round == 0) {
        observe(copies, List.of("cp", "-a", tree(fork).toString(), tree(fork) + "-copy"));
      }
      fork.unpublish();
      fork.delete();
      restored.delete();
      delete(snapshot);
    }
    source.unpublish();
    source.delete();
    var count = Integer.toString(files);
    row(count, "fork", forks);
    row(count, "snapshot", snapshots);
    row(count, "restore", restores);
    row(count, "juicefs clone", clones);
    row(count, "cp -a", copies);
    limit(files, forks, snapshots, restores, clones);
  }

  private OwnVolume filled(String name, int files) {
    var source = OwnVolume.create(stack, name);
    source.publish();
    Loader.fill(source, new ManyFiles(tree(source)), files);
    return source;
  }

  private static Path tree(OwnVolume volume) {
    return volume.target().resolve("tree");
  }

  private static List<String> juicefsClone(OwnVolume volume) {
    var juicefs = Tools.program("juicefs").toString();
    return List.of(
        juicefs, "--no-agent", "clone", "-p", tree(volume).toString(), tree(volume) + "-clone");
  }

  /** Runs one of the bare commands to its end, or until patience does. */
  private void observe(List<Cost> costs, List<String> command) {
    var _ =
        observer.observe(
            costs,
            () -> {
              try (var running = Command.start(command)) {
                boolean ended = Waiting.until(() -> !running.isRunning(), PATIENCE, POLL);
                return ended ? running.await(Duration.ZERO) : "";
              }
            });
  }

  private void delete(Snapshot snapshot) {
    var _ = stack.controller().client().controller().deleteSnapshot(Requests.delete(snapshot));
  }

  private void row(String files, String what, List<Cost> costs) {
    double longest = Cost.most(costs, Cost::seconds);
    boolean ended = longest < PATIENCE.toSeconds();
    table.add(
        files,
        what,
        costs.size(),
        median(costs, Cost::seconds),
        ended ? "%.2f".formatted(longest) : "given up",
        "%.1f".formatted(Cost.most(costs, Cost::client)),
        "%.1f".formatted(Cost.most(costs, Cost::writer)),
        median(costs, Cost::memory),
        median(costs, Cost::objects));
  }

  private void limit(
      int files, List<Cost> forks, List<Cost> snapshots, List<Cost> restores, List<Cost> clones) {
    for (var ours : List.of(forks, snapshots, restores)) {
      limit(files + " files, SET/GET elsewhere, ms", Cost.most(ours, Cost::client), MOST_WAIT);
      double longer = Cost.most(ours, Cost::writer) - Cost.most(nothing, Cost::writer);
      limit(files + " files, a neighbour's write, ms longer than without", longer, MOST_WAIT);
    }
    if (files == MANY) {
      double ratio = median(forks, Cost::seconds) / median(clones, Cost::seconds);
      limit(files + " files, fork / juicefs clone", ratio, MOST_OF_A_CLONE);
      limit(files + " files, snapshot, MiB", Cost.most(snapshots, Cost::objects), MOST_OBJECTS);
    }
    if (files == VERY_MANY) {
      limit(files + " files, fork, s", Cost.most(forks, Cost::seconds), MOST_SECONDS);
    }
  }

  private void limit(String what, double value, double most) {
    if (value > most) {
      missed.add("%s: %.2f, wanted %.2f".formatted(what, value, most));
    }
  }

  private static double median(List<Cost> costs, ToDoubleFunction<Cost> figure) {
    var sorted = costs.stream().mapToDouble(figure).sorted().toArray();
    return sorted[sorted.length / 2];
  }
}
