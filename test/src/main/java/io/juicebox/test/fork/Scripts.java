package io.juicebox.test.fork;

import io.juicebox.test.server.Command;
import io.juicebox.test.server.Tools;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The programs in {@code test/fork}. */
final class Scripts {
  private static final Duration LIMIT = Duration.ofMinutes(15);

  private Scripts() {}

  /**
   * Runs one to its end and returns its output; fails with that when it does not end well.
   *
   * @param name of its file, without the ending
   */
  static List<String> run(String name, Object... arguments) {
    return Command.run(LIMIT, command(name, arguments)).lines().toList();
  }

  static List<String> command(String name, Object... arguments) {
    var script = Tools.repository().orElseThrow().resolve("test/fork/" + name + ".py");
    var command = new ArrayList<>(List.of(Tools.python().toString(), "-B", script.toString()));
    for (Object argument : arguments) {
      command.add(argument.toString());
    }
    return command;
  }
}
