package io.juicebox.controller;

import io.juicebox.controller.credential.Rotation.Outcome;
import io.juicebox.controller.volume.Deadline;
import io.juicebox.controller.volume.RotateCredentials;
import io.juicebox.csi.identity.IdentityService;
import io.juicebox.csi.ops.Steps;
import io.juicebox.csi.settings.InvalidSettings;
import io.juicebox.csi.status.DriverException;
import io.juicebox.csi.status.DriverException.BackendUnavailable;
import io.juicebox.csi.status.DriverException.NotFound;
import io.juicebox.csi.volume.VolumeId;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
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

/**
 * The command line of the controller. Its settings are in the environment; a subcommand needs those
 * of the controller that serves, and works beside it.
 */
@Command(
    name = "juicebox-controller",
    description = {"The controller of Juicebox CSI.", "Without a subcommand it serves."},
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:not all of it was done, the lines say what",
      "2:wrong arguments or settings"
    })
final class ControllerCommand implements Callable<Integer> {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Map<String, String> environment;

  private ControllerCommand(Map<String, String> environment) {
    this.environment = environment;
  }

  static CommandLine line(Map<String, String> environment) {
    var command = new ControllerCommand(environment);
    CommandLine line =
        new CommandLine(command)
            .addSubcommand("rotate", command.new Rotate())
            .addSubcommand("sweep", new SweepCommand(environment));
    line.getCommandSpec().version(IdentityService.version());
    line.getSubcommands()
        .values()
        .forEach(sub -> sub.getCommandSpec().version(IdentityService.version()));
    return line;
  }

  @Override
  public Integer call() throws InterruptedException {
    return Main.serve(environment);
  }

  @Command(
      description = {
        "Gives volumes new credentials: another Redis user, another account of the object store.",
        "Mounts get them with the next publish call, which the kubelet repeats every minute or two,"
            + " and without an error for the programs that use them. The former ones work until"
            + " nobody uses them any more, for ROTATION_OVERLAP at least."
      },
      mixinStandardHelpOptions = true)
  @SuppressWarnings("NullAway.Init") // picocli sets the fields of commands before it calls them
  final class Rotate implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @ArgGroup(multiplicity = "1")
    private Which which;

    @ArgGroup private FormerOnes former = new FormerOnes();

    /** One of the two. */
    static final class Which {
      @Parameters(
          paramLabel = "VOLUME",
          description = "The ids of volumes, or the names of their PersistentVolumes.",
          arity = "1..*")
      private List<String> volumes = new ArrayList<>();

      @Option(names = "--all", arity = "0", description = "All volumes of all backends.")
      private boolean all;
    }

    /** One of the two at most. */
    static final class FormerOnes {
      @Option(
          names = "--cut-off",
          arity = "0",
          description =
              "For keys that were stolen: nothing but the new ones works afterwards. Programs see"
                  + " errors until a publish call has brought them.")
      private boolean cutOff;

      @Option(
          names = "--end-former",
          arity = "0",
          description =
              "Makes no new ones, and ends those that a volume had before its present ones.")
      private boolean end;
    }

    @Override
    public Integer call() {
      try {
        var settings = ControllerSettings.from(environment);
        List<RotateCredentials> backends = Main.rotations(settings, Steps.from(environment));
        if (backends.isEmpty()) {
          spec.commandLine()
              .getErr()
              .println("volumes have no keys of their own here: there is no CREDENTIALS_DIR");
          return CommandLine.ExitCode.USAGE;
        }
        return which.all ? rotateAll(backends) : rotateThese(backends);
      } catch (InvalidSettings e) {
        spec.commandLine().getErr().println(e.getMessage());
        return CommandLine.ExitCode.USAGE;
      }
    }

    private int rotateAll(List<RotateCredentials> backends) {
      int code = CommandLine.ExitCode.OK;
      for (RotateCredentials backend : backends) {
        try (Stream<VolumeId> all = backend.all()) {
          for (VolumeId volume : (Iterable<VolumeId>) all::iterator) {
            code = Math.max(code, rotateListed(backend, volume));
          }
        } catch (DriverException e) {
          code = failed("the other volumes of " + backend.backend().value(), e);
        }
      }
      return code;
    }

    private int rotateListed(RotateCredentials backend, VolumeId volume) {
      try {
        return rotate(backend, volume);
      } catch (NotFound e) {
        say(volume.value(), "is gone by now");
        return CommandLine.ExitCode.OK;
      } catch (DriverException e) {
        return failed(volume.value(), e);
      }
    }

    private int rotateThese(List<RotateCredentials> backends) {
      int code = CommandLine.ExitCode.OK;
      for (String name : which.volumes) {
        try {
          Optional<VolumeId> id = VolumeId.tryParse(name);
          code =
              Math.max(
                  code, id.isPresent() ? rotate(backends, id.get()) : rotateNamed(backends, name));
        } catch (DriverException e) {
          code = failed(name, e);
        }
      }
      return code;
    }

    private int rotate(List<RotateCredentials> backends, VolumeId volume) {
      RotateCredentials backend =
          backends.stream()
              .filter(each -> each.backend().equals(volume.backend()))
              .findFirst()
              .orElseThrow(() -> NotFound.volume(volume.value()));
      return rotate(backend, volume);
    }

    /** A backend that is away must not keep us from those that are there. */
    private int rotateNamed(List<RotateCredentials> backends, String name) {
      DriverException failure = NotFound.volume(name);
      for (RotateCredentials backend : backends) {
        try {
          Optional<VolumeId> volume = backend.named(name);
          if (volume.isPresent()) {
            return rotate(backend, volume.get());
          }
        } catch (BackendUnavailable e) {
          failure = e;
        }
      }
      throw failure;
    }

    private int rotate(RotateCredentials backend, VolumeId volume) {
      if (former.end) {
        backend.endFormer(volume, Deadline.in(PATIENCE));
        say(volume.value(), "has its present keys alone");
        return CommandLine.ExitCode.OK;
      }
      if (former.cutOff) {
        backend.endFormer(volume, Deadline.in(PATIENCE));
      }
      Outcome outcome = backend.rotate(volume, Deadline.in(PATIENCE));
      say(volume.value(), said(outcome));
      if (former.cutOff) {
        backend.endFormer(volume, Deadline.in(PATIENCE));
        say(volume.value(), "has its present keys alone");
      }
      return outcome instanceof Outcome.Pending
          ? CommandLine.ExitCode.SOFTWARE
          : CommandLine.ExitCode.OK;
    }

    private static String said(Outcome outcome) {
      return switch (outcome) {
        case Outcome.Rotated(Instant until) ->
            "has new keys, the former ones work until %s at least".formatted(seconds(until));
        case Outcome.Pending(var former) ->
            "has had new keys since %s, the former ones work until %s at least: nothing was changed"
                .formatted(seconds(former.replaced()), seconds(former.until()));
        case Outcome.Shared() ->
            "is skipped: it has the keys of its node-publish secret, change these there";
      };
    }

    private static Instant seconds(Instant time) {
      return time.truncatedTo(ChronoUnit.SECONDS);
    }

    private int failed(String what, DriverException e) {
      say(what, "failed: " + e.getMessage());
      return CommandLine.ExitCode.SOFTWARE;
    }

    private void say(String what, String sentence) {
      PrintWriter out = spec.commandLine().getOut();
      out.printf("%s %s%n", what, sentence);
      out.flush(); // the next one may take its time
    }
  }
}
