package io.juicebox.node.mount;

import io.juicebox.csi.status.DriverException.Late;
import io.juicebox.node.kernel.Deadline;
import io.juicebox.node.kernel.Kernel;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;

/**
 * Starts juicefs processes that outlive this program, finds them again, and ends them.
 *
 * <p>A process has its own session, reads nothing, and writes to a file: a pipe to this program
 * would end it together with this program. One thread starts them all. It lives in a UTS namespace
 * of its own, so that their hostname is the node's id without another program in between.
 *
 * <p>Where the kernel schedules by session (sched_autogroup, without cgroups), a session of its own
 * makes a process start up to a third slower on a busy machine.
 */
final class Processes implements AutoCloseable {
  private static final Path PROC = Path.of("/proc");
  private static final File NOTHING = new File("/dev/null");
  private static final Duration LOOK = Duration.ofMillis(5);

  private final ExecutorService starter =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().daemon().name("process-starter").factory());

  Processes(Kernel kernel, SessionHost host) {
    onStarter(() -> {
      if (!host.name().equals(hostname())) {
        kernel.nameOwnHost(host.name());
      }
      return host;
    });
  }

  /** Starts a process whose output is appended to a file. */
  Process start(CommandLine command, Path log) {
    var arguments = new ArrayList<>(List.of("setsid"));
    arguments.addAll(command.arguments());
    var builder =
        new ProcessBuilder(arguments)
            .directory(new File("/"))
            .redirectInput(NOTHING)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().clear();
    builder.environment().putAll(command.environment());
    return onStarter(builder::start);
  }

  /**
   * The processes whose standard output is a file, by that file. JuiceFS cuts its own command line,
   * so this is what tells whose a process is when no record names it.
   */
  Map<Path, ProcessIdentity> byOutput() {
    var found = new HashMap<Path, ProcessIdentity>();
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
      for (Path process : processes) {
        try {
          Path output = Files.readSymbolicLink(process.resolve("fd/1"));
          ProcessIdentity.running(Long.parseLong(process.getFileName().toString()))
              .ifPresent(identity -> found.put(output, identity));
        } catch (IOException e) {
          // it ended meanwhile, or is the kernel's own
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return found;
  }

  /**
   * Ends a process: by SIGTERM, and by SIGKILL when it has not ended after the patience.
   *
   * @throws Late when it lives on: the kernel keeps it in a call that can't be interrupted
   */
  void end(ProcessIdentity process, Duration patience) {
    signal(process, ProcessHandle::destroy);
    awaitEnd(process, Deadline.after(patience));
    signal(process, ProcessHandle::destroyForcibly);
    awaitEnd(process, Deadline.after(patience));
    if (process.isRunning()) {
      throw new Late("juicefs %d was killed and".formatted(process.pid()), patience);
    }
  }

  @Override
  public void close() {
    starter.shutdownNow();
  }

  private static void awaitEnd(ProcessIdentity process, Deadline deadline) {
    while (process.isRunning() && !deadline.passed()) {
      Pause.of(LOOK);
    }
  }

  private static void signal(ProcessIdentity process, Consumer<ProcessHandle> signal) {
    if (process.isRunning()) {
      ProcessHandle.of(process.pid()).ifPresent(signal);
    }
  }

  private <T> T onStarter(Callable<T> work) {
    try {
      return starter.submit(work).get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while a process was started", e);
    } catch (ExecutionException e) {
      throw switch (e.getCause()) {
        case IOException failure -> new UncheckedIOException(failure);
        case RuntimeException failure -> failure;
        case null, default -> new IllegalStateException(e);
      };
    }
  }

  private static String hostname() throws IOException {
    return Files.readString(PROC.resolve("sys/kernel/hostname")).strip();
  }
}
