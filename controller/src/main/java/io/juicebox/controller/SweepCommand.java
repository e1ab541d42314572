package io.juicebox.controller;

import io.juicebox.controller.collector.Freed;
import io.juicebox.controller.collector.SweepNow;
import io.juicebox.controller.registry.Claim;
import io.juicebox.csi.ops.Steps;
import io.juicebox.csi.settings.InvalidSettings;
import io.juicebox.csi.status.DriverException;
import io.juicebox.csi.status.DriverException.NotFound;
import io.juicebox.csi.volume.Lineage;
import io.juicebox.csi.volume.VolumeId;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Deletes blocks that nothing names now, or says what it would delete. */
@Command(
    description = {
      "Deletes the blocks that no volume and no snapshot of a lineage names, as the controller does"
          + " every SWEEP_BLOCKS_INTERVAL, and within BLOCK_MIN_AGE where it knows of some. Younger"
          + " ones than that stay."
    },
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init") // picocli sets the fields of commands before it calls them
final class SweepCommand implements Callable<Integer> {
  private final Map<String, String> environment;

  @Spec private CommandSpec spec;

  @ArgGroup(multiplicity = "1")
  private Which which;

  @Option(
      names = "--dry-run",
      arity = "0",
      description = "Says what would be deleted, and deletes nothing.")
  private boolean preview;

  SweepCommand(Map<String, String> environment) {
    this.environment = environment;
  }

  /** One of the two. */
  static final class Which {
    @Parameters(
        paramLabel = "LINEAGE",
        description = "The names of lineages, or the ids of volumes that are in them.",
        arity = "1..*")
    private List<String> ids = new ArrayList<>();

    @Option(names = "--all", arity = "0", description = "All lineages of all backends.")
    private boolean all;
  }

  @Override
  public Integer call() throws InterruptedException {
    try {
      var settings = ControllerSettings.from(environment);
      int code = CommandLine.ExitCode.OK;
      List<SweepNow> backends = Main.sweeps(settings, Steps.from(environment));
      if (which.all) {
        for (SweepNow backend : backends) {
          code = Math.max(code, sweepAll(backend));
        }
      } else {
        for (String id : which.ids) {
          code = Math.max(code, sweepOne(backends, id));
        }
      }
      return code;
    } catch (InvalidSettings e) {
      spec.commandLine().getErr().println(e.getMessage());
      return CommandLine.ExitCode.USAGE;
    }
  }

  private int sweepAll(SweepNow backend) throws InterruptedException {
    int code = CommandLine.ExitCode.OK;
    try (Stream<Lineage> all = backend.all()) {
      for (Lineage lineage : (Iterable<Lineage>) all::iterator) {
        code = Math.max(code, sweepOrSay(backend, lineage));
      }
    } catch (DriverException e) {
      code = failed("the other lineages of " + backend.backend().value(), e);
    }
    return code;
  }

  private int sweepOne(List<SweepNow> backends, String id) throws InterruptedException {
    try {
      VolumeId volume = VolumeId.tryParse(id).orElseThrow(() -> NotFound.volume(id));
      SweepNow backend =
          backends.stream()
              .filter(each -> each.backend().equals(volume.backend()))
              .findFirst()
              .orElseThrow(() -> NotFound.volume(id));
      return sweepOrSay(backend, backend.find(volume).orElseThrow(() -> NotFound.volume(id)));
    } catch (DriverException e) {
      return failed(id, e);
    }
  }

  private int sweepOrSay(SweepNow backend, Lineage lineage) throws InterruptedException {
    try {
      return preview
          ? say(lineage, "would be deleted", backend.preview(lineage))
          : sweep(backend, lineage);
    } catch (DriverException e) {
      return failed(lineage.value(), e);
    }
  }

  private int sweep(SweepNow backend, Lineage lineage) throws InterruptedException {
    Optional<Claim> taken = backend.claim();
    if (taken.isEmpty()) {
      say(lineage, "nothing was deleted: another controller sweeps this backend just now");
      return CommandLine.ExitCode.SOFTWARE;
    }
    try (Claim claim = taken.get()) {
      return say(lineage, "deleted", backend.sweep(lineage, claim));
    }
  }

  private int say(Lineage lineage, String what, Optional<Freed> freed) {
    if (freed.isEmpty()) {
      say(lineage, "can't be swept now: a copy is being made, or it is being removed; try again");
      return CommandLine.ExitCode.SOFTWARE;
    }
    Freed it = freed.get();
    say(
        lineage,
        "%s: slices %d, blocks %d, bytes %d; too young for it: slices %d, bytes %d"
            .formatted(
                what, it.slices(), it.blocks(), it.bytes(), it.youngSlices(), it.youngBytes()));
    return CommandLine.ExitCode.OK;
  }

  private int failed(String what, DriverException e) {
    say(what, "failed: " + e.getMessage());
    return CommandLine.ExitCode.SOFTWARE;
  }

  private void say(Lineage lineage, String sentence) {
    say(lineage.value(), sentence);
  }

  private void say(String what, String sentence) {
    PrintWriter out = spec.commandLine().getOut();
    out.printf("%s: %s%n", what, sentence);
    out.flush(); // the next one may take its time
  }
}
