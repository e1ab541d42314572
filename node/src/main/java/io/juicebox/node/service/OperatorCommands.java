package io.juicebox.node.service;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.juicebox.csi.settings.InvalidSettings;
import io.juicebox.csi.settings.SettingsReader;
import io.juicebox.csi.status.DriverException;
import io.juicebox.csi.status.ReceivedFailure;
import io.juicebox.mountservice.v1.GetVersionRequest;
import io.juicebox.mountservice.v1.GetVersionResponse;
import io.juicebox.mountservice.v1.Health;
import io.juicebox.mountservice.v1.ListRequest;
import io.juicebox.mountservice.v1.ListResponse;
import io.juicebox.mountservice.v1.MountServiceGrpc;
import io.juicebox.mountservice.v1.MountServiceGrpc.MountServiceBlockingStub;
import io.juicebox.mountservice.v1.RestartProgress;
import io.juicebox.mountservice.v1.RestartProgress.Outcome;
import io.juicebox.mountservice.v1.RestartRequest;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.ToIntBiFunction;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What an operator asks a mount service that runs; it is found by {@code MOUNT_SERVICE_DIR}. */
@SuppressWarnings("NullAway.Init") // picocli sets the fields of commands before it calls them
final class OperatorCommands {
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final Duration RESTART = Duration.ofSeconds(30);

  private final Map<String, String> environment;

  OperatorCommands(Map<String, String> environment) {
    this.environment = environment;
  }

  @Command(description = "Lists the mounts and how they are.", mixinStandardHelpOptions = true)
  final class ListMounts implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Override
    public Integer call() {
      return ask(
          spec,
          (service, out) -> {
            ListResponse answer = service.list(ListRequest.getDefaultInstance());
            out.printf("%-42s%-11s%-26s%-9s%s%n", "VOLUME", "STATE", "SINCE", "PID", "DIRECTORY");
            answer.getEntriesList().forEach(entry -> print(out, entry));
            return 0;
          });
    }

    private void print(PrintWriter out, ListResponse.Entry entry) {
      Health health = entry.getHealth();
      out.printf(
          "%-42s%-11s%-26s%-9d%s%n",
          entry.getMount().getVolumeId(),
          health.getState(),
          Times.instant(health.getSince()).truncatedTo(ChronoUnit.SECONDS),
          entry.getMount().getPid(),
          entry.getMount().getDirectory());
      if (!health.getCause().isEmpty()) {
        out.printf("    %s%n", health.getCause());
      }
    }
  }

  @Command(
      description = {
        "Replaces juicefs processes by new ones, one after the other.",
        "The programs that use a volume see a pause and no error. For after an upgrade of juicefs."
      },
      mixinStandardHelpOptions = true)
  final class RestartMounts implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @ArgGroup(multiplicity = "1")
    private Which which;

    /** One of the two. */
    static final class Which {
      @Parameters(paramLabel = "VOLUME", description = "The ids of volumes.", arity = "1..*")
      private List<String> volumes = new ArrayList<>();

      @Option(names = "--all", description = "All volumes that are mounted on this node.")
      private boolean all;
    }

    @Override
    public Integer call() {
      var request =
          RestartRequest.newBuilder()
              .addAllVolumeIds(which.volumes)
              .setAll(which.all)
              .setTimeout(Times.message(RESTART))
              .build();
      return ask(
          spec,
          (service, out) -> {
            int code = 0;
            var progress = service.restart(request);
            while (progress.hasNext()) {
              code = Math.max(code, print(out, progress.next()));
            }
            return code;
          });
    }

    private int print(PrintWriter out, RestartProgress progress) {
      Outcome outcome = progress.getOutcome();
      String said =
          switch (outcome) {
            case RESTARTED ->
                "restarted, nobody served it for %d ms".formatted(progress.getPauseMs());
            case BUSY -> "busy: " + progress.getCause();
            case SKIPPED -> "skipped: it isn't mounted here";
            case FAILED, OUTCOME_UNSPECIFIED, UNRECOGNIZED -> "failed: " + progress.getCause();
          };
      out.printf("%s %s%n", progress.getVolumeId(), said);
      out.flush(); // the next one may take its time
      return outcome == Outcome.RESTARTED || outcome == Outcome.SKIPPED ? 0 : Main.FAILED;
    }
  }

  @Command(description = "Says which service runs.", mixinStandardHelpOptions = true)
  final class Version implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Override
    public Integer call() {
      return ask(
          spec,
          (service, out) -> {
            GetVersionResponse answer = service.getVersion(GetVersionRequest.getDefaultInstance());
            out.printf("mount service %s%n", answer.getProgram());
            out.printf("contract      %d%n", answer.getContract());
            out.printf("juicefs       %s%n", answer.getJuicefs());
            out.print(answer.getProblem());
            return 0;
          });
    }
  }

  private int ask(
      CommandSpec spec, ToIntBiFunction<MountServiceBlockingStub, PrintWriter> question) {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    var reader = new SettingsReader(environment);
    reader.required(ServiceSockets.SETTING, "");
    var sockets = ServiceSockets.from(reader);
    try {
      reader.check();
    } catch (InvalidSettings e) {
      err.println(e.getMessage());
      return Main.WRONG;
    }
    try (var connection = new ServiceConnection(sockets.orElseThrow().calls())) {
      connection.await(PATIENCE);
      return question.applyAsInt(MountServiceGrpc.newBlockingStub(connection.channel()), out);
    } catch (StatusRuntimeException e) {
      err.println(ReceivedFailure.of(e).map(DriverException::getMessage).orElse(said(e)));
    } catch (DriverException e) {
      err.println(e.getMessage());
    } finally {
      out.flush();
    }
    return Main.FAILED;
  }

  private static String said(StatusRuntimeException e) {
    return e.getStatus().getCode() == Status.Code.UNAVAILABLE
        ? "the mount service went away during the call"
        : "the mount service failed: " + e.getStatus();
  }
}
