package io.juicebox.node.service;

import io.juicebox.csi.log.Logging;
import picocli.CommandLine;

/**
 * The mount service, and with a subcommand the operator's way to one that runs. Without any
 * argument it serves: {@code java -cp juicebox-node.jar io.juicebox.node.service.Main list}.
 */
public final class Main {
  private Main() {}

  public static void main(String[] arguments) {
    Logging.install();
    System.exit(MountServiceCommand.line(System.getenv()).execute(arguments));
  }

  /** What a command ends with that could not do what it was asked for. */
  static final int FAILED = CommandLine.ExitCode.SOFTWARE;

  /** What a command ends with whose arguments or settings are wrong. */
  static final int WRONG = CommandLine.ExitCode.USAGE;
}
