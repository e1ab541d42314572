package io.juicebox.test.isolation;

import io.juicebox.test.server.Command;
import io.juicebox.test.server.Tools;
import io.juicebox.test.stack.Rounds;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Small files in a folder of a volume, handled by {@code test/isolation/files.py}: each has one
 * block.
 */
public record ManyFiles(Path folder) {
  /** As the script has it. */
  static final int IN_A_FOLDER = 1000;

  private static final Duration LIMIT = Duration.ofMinutes(Rounds.of(8, 20));

  /** Where the file of a number lies. */
  Path folderOf(int number) {
    return folder.resolve(Integer.toString(number / IN_A_FOLDER));
  }

  /** Makes the folders of so many files. */
  void makeFolders(int count) {
    Command.run(LIMIT, command("folders", 0, count));
  }

  void write(int from, int to) {
    Command.run(LIMIT, command("write", from, to));
  }

  /** Starts to write files, and to delete the even ones below the first of them. */
  Command churn(int from, int to) {
    return Command.start(command("churn", from, to));
  }

  /** Fails unless just what {@link #churn} leaves is there as it was written. */
  public void check(int from, int to) {
    Command.run(LIMIT, command("check", from, to));
  }

  private List<String> command(String what, int from, int to) {
    var script = Tools.repository().orElseThrow().resolve("test/isolation/files.py");
    return List.of(
        Tools.python().toString(),
        "-B",
        script.toString(),
        what,
        folder.toString(),
        Integer.toString(from),
        Integer.toString(to));
  }
}
