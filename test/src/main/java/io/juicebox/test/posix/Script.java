package io.juicebox.test.posix;

import io.juicebox.test.server.Command;
import io.juicebox.test.server.Tools;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * One of the Python scripts in {@code test/posix}; each holds several cases.
 *
 * @param name of its file, without the ending
 */
record Script(String name) {
  private static final Duration LIST = Duration.ofMinutes(1);
  private static final Duration RUN = Duration.ofMinutes(3);

  /** Its cases, in its own order; never none. */
  List<String> cases() {
    var cases = Command.run(LIST, command()).lines().toList();
    if (cases.isEmpty()) {
      throw new IllegalStateException(file() + " has no case");
    }
    return cases;
  }

  /** Runs one case in a new folder below another, and fails with the script's traceback. */
  void run(String name, Path folder) {
    Command.run(RUN, command(name, folder.toString()));
  }

  private List<String> command(String... arguments) {
    var command = new ArrayList<String>();
    command.addAll(List.of(Tools.python().toString(), "-B", file().toString()));
    command.addAll(List.of(arguments));
    return command;
  }

  private Path file() {
    return Tools.repository().orElseThrow().resolve("test/posix/" + name + ".py");
  }
}
