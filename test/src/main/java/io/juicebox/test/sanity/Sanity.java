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
    System.out.printf("%n%d passed, %d failed%n", passed, failed);
    return new Results("sanity", passed, failed);
  }

  private SanityReport once(int run) throws IOException, InterruptedException {
    var start = System.nanoTime();
    var file = work.resolve("report-" + run + ".xml");
    var log = work.resolve("output-" + run + ".log");
    var process =
        new ProcessBuilder(command(file))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    if (!process.waitFor(LONGEST_MINUTES, TimeUnit.MINUTES)) {
      process.destroyForcibly().waitFor();
    }
    if (!Files.exists(file)) {
      System.out.println(Files.readString(log));
      throw new IllegalStateException(
          "csi-sanity ended with " + process.exitValue() + " and no report");
    }
    var report = SanityReport.read(file);
    var forbidden =
        report.skipped().stream()
            .filter(skip -> AllowedSkips.capability(skip.reason()).isEmpty())
            .map(skip -> "skipped, but must not be: " + skip.spec() + " (" + skip.reason() + ")")
            .toList();
    passed += report.passed();
    failed += report.failed().size() + forbidden.size();
    System.out.printf(
        "run %d: %d passed, %d failed, %d skipped in %.1f s%n",
        run,
        report.passed(),
        report.failed().size(),
        report.skipped().size(),
        (System.nanoTime() - start) / 1e9);
    forbidden.forEach(line -> System.out.println("  " + line));
    if (!report.failed().isEmpty()) {
      System.out.println(Files.readString(log));
      report.failed().forEach(spec -> System.out.println("  FAILED " + spec));
    }
    if (process.exitValue() != 0 && report.failed().isEmpty()) {
      // It failed outside a spec.
      failed++;
      System.out.println(Files.readString(log));
    }
    return report;
  }

  private List<String> command(Path report) throws IOException {
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
