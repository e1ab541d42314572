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
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Runs all of csi-sanity, no spec filtered, several times on one stack, and looks whether it left
 * anything. A stack that is up is used and stays up.
 */
public final class Sanity {
  private static final int RUNS = 3;
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
    // The controller creates the shared bucket once and keeps it.
    var before = stack.inventory();
    var skips = new ArrayList<SanityReport.Skip>();
    for (var run = 1; run <= RUNS; run++) {
      var report = once(run);
      skips.clear();
      skips.addAll(report.skipped());
    }
    check("nothing is left after " + RUNS + " runs", left(before));
    printSkips(skips);
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
    // A process that fails outside a spec says so by its exit code only.
    check(
        "csi-sanity's exit code",
        process.exitValue() == 0 ? List.of() : List.of("" + process.exitValue()));
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

  private List<String> left(Inventory before) throws IOException {
    var bucket = "+ bucket " + stack.backend().name() + " " + stack.backend().bucket();
    var left = new ArrayList<>(stack.inventory().since(before));
    left.remove(bucket);
    Remains.mountsBelow(work).forEach(mount -> left.add("+ mount " + mount));
    for (var folder : List.of("mount", "staging")) {
      if (Files.exists(work.resolve(folder))) {
        left.add("+ directory " + folder);
      }
    }
    return left;
  }

  private void check(String what, List<String> wrong) {
    if (wrong.isEmpty()) {
      passed++;
    } else {
      failed++;
      System.out.println("  FAILED " + what + ":\n    " + String.join("\n    ", wrong));
    }
  }

  private static void printSkips(List<SanityReport.Skip> skips) {
    System.out.printf(
        "%n%d specs skipped in each run, for capabilities that are not there:%n", skips.size());
    for (var skip : skips) {
      var capability = AllowedSkips.capability(skip.reason()).orElse("NOT ALLOWED");
      System.out.printf("  %-40s %s%n", capability, skip.spec());
    }
  }
}
