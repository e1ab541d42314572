package io.juicebox.test.sanity;

import io.juicebox.test.local.LocalRun;
import io.juicebox.test.server.Remains;
import io.juicebox.test.server.Tools;
import io.juicebox.test.stack.Inventory;
import io.juicebox.test.stack.LocalStack;
import io.juicebox.test.stage.Results;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Runs all of csi-sanity, no spec filtered, several times on one stack, and looks whether it left
 * anything. A stack that is up is used and stays up.
 */
public final class Sanity {
  private static final int RUNS = 3;
  private static final Duration DELETION = Duration.ofSeconds(60);
  private static final long LONGEST_MINUTES = 10;

  private final LocalStack stack;
  private final Path work;
  private int passed;
  private int failed;

  private Sanity(LocalStack stack, Path work) {
    this.stack = stack;
    this.work = work;
  }

  public static Results run() {
    var running = LocalRun.up();
    if (running.started()) {
      Runtime.getRuntime().addShutdownHook(new Thread(LocalRun::down, "down"));
    }
    try {
      var work = Files.createTempDirectory("csi-sanity-");
      try {
        return new Sanity(running.stack(), work).runs();
      } finally {
        Remains.remove(work);
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private Results runs() throws IOException, InterruptedException {
    var before = stack.inventory();
    var reports = new ArrayList<SanityReport>();
    for (var run = 1; run <= RUNS; run++) {
      reports.add(once(run));
    }
    var left = left(before);
    if (left.isEmpty()) {
      passed++;
      System.out.println("nothing is left: no mount, process, directory, key or object");
    } else {
      failed++;
      System.out.println("FAILED: these should be gone:\n" + Inventory.brief(left));
    }
    print(reports.getLast());
    System.out.printf("%nsanity: %d passed, %d failed%n", passed, failed);
    return new Results("sanity", passed, failed);
  }

  /** Runs the suite once, counts its specs and prints what a person needs to know of them. */
  private SanityReport once(int run) throws IOException, InterruptedException {
    var start = System.nanoTime();
    var file = work.resolve("report-" + run + ".xml");
    var log = work.resolve("output-" + run + ".log");
    var exit = execute(file, log);
    if (!Files.exists(file)) {
      throw new IllegalStateException(
          "csi-sanity ended with " + exit + " and no report:\n" + Files.readString(log));
    }
    var report = SanityReport.read(file);
    System.out.printf(
        "run %d: %d passed, %d failed, %d skipped in %.1f s%n",
        run,
        report.passed(),
        report.failed().size(),
        report.skipped().size(),
        (System.nanoTime() - start) / 1e9);
    passed += report.passed();
    var wrong = new ArrayList<>(report.failed());
    report.skipped().stream()
        .filter(skip -> AllowedSkips.capability(skip.reason()).isEmpty())
        .forEach(skip -> wrong.add("skipped: " + skip.spec() + " (" + skip.reason() + ")"));
    if (wrong.isEmpty() && exit != 0) {
      wrong.add("the suite, outside its specs: exit code " + exit);
    }
    failed += wrong.size();
    if (!wrong.isEmpty()) {
      System.out.println(Files.readString(log));
      wrong.forEach(what -> System.out.println("  FAILED " + what));
    }
    return report;
  }

  private int execute(Path report, Path log) throws IOException, InterruptedException {
    var process =
        new ProcessBuilder(command(report))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    if (!process.waitFor(LONGEST_MINUTES, TimeUnit.MINUTES)) {
      process.destroyForcibly().waitFor();
    }
    return process.exitValue();
  }

  private List<String> command(Path report) {
    var home = stack.home();
    return List.of(
        Tools.program("csi-sanity").toString(),
        "--csi.endpoint=" + stack.node().endpoint(),
        "--csi.controllerendpoint=" + stack.controller().endpoint(),
        "--csi.secrets=" + home.resolve("secrets.yaml"),
        "--csi.testvolumeparameters=" + home.resolve("parameters.yaml"),
        "--csi.mountdir=" + work.resolve("mount"),
        "--csi.stagingdir=" + work.resolve("staging"),
        "--ginkgo.junit-report=" + report,
        "--ginkgo.no-color");
  }

  private List<String> left(Inventory before) {
    var left = new ArrayList<>(stack.leftSince(before, DELETION));
    Remains.mountsBelow(work).forEach(mount -> left.add("+ mount " + mount));
    for (var folder : List.of("mount", "staging")) {
      if (Files.exists(work.resolve(folder))) {
        left.add("+ directory " + folder);
      }
    }
    return left;
  }

  private static void print(SanityReport report) {
    System.out.printf(
        "%n%d specs skipped in each run, by the capability that is not there:%n",
        report.skipped().size());
    report.skipped().stream()
        .collect(
            Collectors.groupingBy(
                skip -> AllowedSkips.capability(skip.reason()).orElse("NOT ALLOWED"),
                TreeMap::new,
                Collectors.toList()))
        .forEach((capability, skips) -> {
          System.out.printf("  %s (%d)%n", capability, skips.size());
          skips.forEach(skip -> System.out.println("    " + skip.spec()));
        });
    report
        .pending()
        .forEach(spec -> System.out.println("  switched off in csi-sanity itself: " + spec));
  }
}
