package io.juicebox.node.service;

import io.juicebox.csi.identity.IdentityService;
import io.juicebox.csi.settings.InvalidSettings;
import io.juicebox.node.kernel.CoreDumps;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command line of the mount service. Its settings are in the environment. */
@Command(
    name = "juicebox-mounts",
    description = {
      "The mount service of a node: it owns the juicefs processes and their mounts.",
      "Without a subcommand it serves."
    },
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:the service is away, or a volume was not restarted",
      "2:wrong arguments or settings"
    })
final class MountServiceCommand implements Callable<Integer> {
  private static final Logger LOG = LoggerFactory.getLogger(MountServiceCommand.class);

  private final Map<String, String> environment;

  private MountServiceCommand(Map<String, String> environment) {
    this.environment = environment;
  }

  static CommandLine line(Map<String, String> environment) {
    var client = new OperatorCommands(environment);
    CommandLine line =
        new CommandLine(new MountServiceCommand(environment))
            .addSubcommand("serve", new Serve(environment))
            .addSubcommand("list", client.new ListMounts())
            .addSubcommand("restart", client.new RestartMounts())
            .addSubcommand("version", client.new Version());
    line.getCommandSpec().version(IdentityService.version());
    line.getSubcommands()
        .values()
        .forEach(sub -> sub.getCommandSpec().version(IdentityService.version()));
    return line;
  }

  @Override
  public Integer call() throws InterruptedException {
    return new Serve(environment).call();
  }

  @Command(
      description = "Serves until SIGTERM; what it does without a subcommand.",
      mixinStandardHelpOptions = true)
  static final class Serve implements Callable<Integer> {
    private final Map<String, String> environment;

    Serve(Map<String, String> environment) {
      this.environment = environment;
    }

    @Override
    public Integer call() throws InterruptedException {
      MountServiceSettings settings;
      try {
        settings = MountServiceSettings.from(environment);
      } catch (InvalidSettings e) {
        LOG.error("{}", e.getMessage());
        return Main.WRONG;
      }
      try {
        CoreDumps.forbid();
        var program = new MountServiceProgram(settings, environment);
        Runtime.getRuntime().addShutdownHook(new Thread(program::end, "end"));
        program.run();
        return CommandLine.ExitCode.OK;
      } catch (IOException | RuntimeException e) {
        LOG.error("the mount service can't serve", e);
        return Main.FAILED;
      }
    }
  }
}
