package io.juicebox.node.mount;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * A program that has a file of a volume open. This JVM must have none: it starts juicefs, and a
 * process that forks with a file open on a mount that nobody serves hangs.
 */
final class OpenFile implements AutoCloseable {
  private final Process process;
  private final OutputStream commands;
  private final BufferedReader answers;

  /**
   * @param how as the shell has it: {@code >}, {@code <}
   */
  OpenFile(String how, Path file) throws IOException {
    var script =
        "exec 3%s\"$1\"; while read -r line; do eval \"$line\"; echo \"$?\"; done".formatted(how);
    this.process = new ProcessBuilder("sh", "-c", script, "sh", file.toString()).start();
    this.commands = process.getOutputStream();
    this.answers = process.inputReader(StandardCharsets.UTF_8);
    run("true");
  }

  /** Runs a command, whose descriptor 3 is the file; what it prints, or its exit code. */
  String run(String command) throws IOException {
    commands.write((command + "\n").getBytes(StandardCharsets.UTF_8));
    commands.flush();
    return String.valueOf(answers.readLine());
  }

  @Override
  public void close() throws IOException {
    commands.close();
    process.destroyForcibly();
  }
}
