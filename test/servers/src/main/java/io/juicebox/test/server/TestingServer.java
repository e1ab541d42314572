package io.juicebox.test.server;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A real server on loopback with its data in one directory. It can be stopped and started again on
 * the same port with the same data.
 */
public abstract sealed class TestingServer implements AutoCloseable
    permits TestingMinio, TestingRedis {
  private static final Duration STOP = Duration.ofSeconds(10);

  private final Path directory;
  private final Optional<TestDirectory> own;
  private RunningProgram program;

  /**
   * @param own the directory, if it goes with the server
   */
  TestingServer(Path directory, Optional<TestDirectory> own, RunningProgram program) {
    this.directory = directory;
    this.own = own;
    this.program = program;
  }

  /** Starts the program as it was started first, and waits until it answers. */
  abstract RunningProgram launch();

  final Path directory() {
    return directory;
  }

  public final long pid() {
    return program.pid();
  }

  public final RunningProgram program() {
    return program;
  }

  /** Stops the server in order; its data stays. */
  public final void stop() {
    program.stop(STOP);
  }

  /** Ends the server with SIGKILL; what it had answered stays. */
  public final void kill() {
    program.kill();
  }

  /** Starts the stopped server again, on the same port and data, and waits until it answers. */
  public final void restart() {
    restart(this::launch);
  }

  /** Stops the server and starts what takes its place. */
  final void restart(Supplier<RunningProgram> other) {
    stop();
    program = other.get();
  }

  /** Ends the server and removes its directory if it is its own. */
  @Override
  public final void close() {
    program.kill();
    own.ifPresent(TestDirectory::close);
  }
}
