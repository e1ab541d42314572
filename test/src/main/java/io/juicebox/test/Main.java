package io.juicebox.test;

import io.juicebox.test.bench.Bench;
import io.juicebox.test.demo.Demo;
import io.juicebox.test.fork.ForkTable;
import io.juicebox.test.local.LocalRun;
import io.juicebox.test.sanity.Sanity;
import io.juicebox.test.stage.StageRunner;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Entry point of the tests; the Makefile calls it. */
@Command(
    name = "juicebox-test",
    description = "The local stack, the demonstration and the tests of Juicebox CSI.",
    subcommands = {CommandLine.HelpCommand.class})
public final class Main {
  private Main() {}

  /** The exit code is 0 when everything went well. */
  public static void main(String[] arguments) {
    var cutOff = new AtomicBoolean();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> cutOff.set(true), "cut off"));
    var line = new CommandLine(new Main());
    line.setExecutionExceptionHandler((failure, _, _) -> {
      if (cutOff.get()) {
        System.err.println("cut off: everything that was started is being removed");
      } else {
        failure.printStackTrace();
      }
      return 1;
    });
    System.exit(line.execute(arguments));
  }

  @Command(
      description = "Starts Redis, MinIO, the controller, a node and its mounts in the background.")
  int up() {
    var start = System.nanoTime();
    var running = LocalRun.up();
    var stack = running.stack();
    System.out.printf(
        """
          Redis       %s
          MinIO       %s
          controller  %s
          node        %s
          mounts      %s
        """,
        stack.backend().redis().address(),
        stack.backend().minio().endpoint(),
        stack.controller().endpoint(),
        stack.node().endpoint(),
        stack.mountService().endpoint());
    var how =
        running.started()
            ? "up after %.1f s".formatted((System.nanoTime() - start) / 1e9)
            : "was up already";
    System.out.println(how + ": its settings are in " + running.env());
    return 0;
  }

  @Command(description = "Ends what `up` started and removes everything of it.")
  int down() {
    System.out.println(LocalRun.down() ? "down" : "nothing was up");
    return 0;
  }

  @Command(description = "Shows one volume from its creation to its end.")
  int demo() {
    return Demo.run();
  }

  @Command(description = "Runs csi-sanity three times on one stack.")
  int sanity() {
    return Sanity.run().report();
  }

  @Command(description = "Measures times and memory beside the bare commands.")
  int bench() throws Exception {
    return Bench.run() ? 0 : 1;
  }

  @Command(
      name = "bench-fork",
      description = "Measures copies of volumes beside juicefs clone and cp -a.")
  int benchFork(@Parameters(paramLabel = "FILES", arity = "0..*") List<Integer> sizes)
      throws IOException {
    return ForkTable.run(sizes == null ? List.of() : sizes) ? 0 : 1;
  }

  @Command(
      description =
          "Runs the tests of one stage: posix, twice, badinput, outages, isolation, fork, faults.")
  int stage(
      @Parameters(paramLabel = "STAGE") String stage,
      @Parameters(paramLabel = "CLASS", arity = "0..*") List<String> only) {
    return StageRunner.run(stage, only == null ? List.of() : only).report();
  }
}
