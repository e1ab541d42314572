package io.juicebox.node.mount;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.juicebox.csi.status.DriverException.Late;
import io.juicebox.node.kernel.Deadline;
import io.juicebox.node.kernel.Descriptor;
import io.juicebox.node.kernel.Descriptors;
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
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
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
  private static final Duration KILL_PATIENCE = Duration.ofSeconds(3);
  private static final int SIGHUP = 1;
  private static final int REMEMBERED = 256;
  private static final Duration NAMING = Duration.ofSeconds(10);

  private final Kernel kernel;
  private final Descriptors descriptors = new Descriptors();
  private final SessionHost host;
  private final AtomicReference<ExecutorService> starter;
  private final ConcurrentHashMap<Long, Process> started = new ConcurrentHashMap<>();

  Processes(Kernel kernel, SessionHost host) {
    this.kernel = kernel;
    this.host = host;
    this.starter = new AtomicReference<>(newStarter());
  }

  /**
   * Starts a process whose output is appended to a file.
   *
   * @throws Late when it has not started within the limit: the child closes what we have open, and
   *     a file on a hung mount keeps it there. It is killed should it come after all
   */
  Process start(CommandLine command, Path log, Duration limit) {
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
    ExecutorService thread = starter.get();
    var begun = CompletableFuture.supplyAsync(() -> start(builder), thread);
    try {
      return remembered(result(begun, limit));
    } catch (TimeoutException e) {
      var _ = begun.thenAccept(Process::destroyForcibly);
      ExecutorService fresh = newStarter();
      if (!starter.compareAndSet(thread, fresh)) {
        fresh.shutdown();
      }
      thread.shutdown();
      throw new Late("starting juicefs", limit);
    }
  }

  /** Those that have ended are forgotten when the next is started, but for the last few. */
  private Process remembered(Process process) {
    if (started.size() > REMEMBERED) {
      started.values().removeIf(it -> !it.isAlive());
    }
    started.put(process.pid(), process);
    return process;
  }

  private static Process start(ProcessBuilder builder) {
    try {
      return builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** How a process that was started here has ended; empty for others, and while it runs. */
  Optional<Integer> exitCode(ProcessIdentity process) {
    return Optional.ofNullable(started.get(process.pid()))
        .filter(it -> !it.isAlive())
        .map(Process::exitValue);
  }

  /**
   * The processes whose standard output is a file, by that file. JuiceFS cuts its own command line,
   * so this is what tells whose a process is when no record names it. Those that juicefs starts
   * itself, such as df, write there, too, but lead no session.
   */
  Map<Path, ProcessIdentity> byOutput() {
    var found = new HashMap<Path, ProcessIdentity>();
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
      for (Path process : processes) {
        try {
          Path output = Files.readSymbolicLink(process.resolve("fd/1"));
          ProcessIdentity.sessionLeader(Long.parseLong(process.getFileName().toString()))
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
    kill(process, patience);
  }

  /**
   * Ends a process by SIGKILL, which leaves its mount where it is.
   *
   * @throws Late when it lives on
   */
  void kill(ProcessIdentity process) {
    kill(process, KILL_PATIENCE);
  }

  private void kill(ProcessIdentity process, Duration patience) {
    signal(process, ProcessHandle::destroyForcibly);
    awaitEnd(process, Deadline.after(patience));
    if (process.isRunning()) {
      throw new Late("juicefs %d was killed and".formatted(process.pid()), patience);
    }
  }

  /** Sends SIGHUP. */
  void askToLeave(ProcessIdentity process) {
    try (Descriptor very = descriptors.process(process.pid())) {
      if (process.isRunning()) {
        descriptors.signal(very, SIGHUP);
      }
    }
  }

  @Override
  public void close() {
    starter.get().shutdownNow();
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

  private ExecutorService newStarter() {
    ExecutorService thread =
        Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("process-starter").factory());
    try {
      result(CompletableFuture.runAsync(this::nameHost, thread), NAMING);
    } catch (TimeoutException e) {
      throw new IllegalStateException("naming the host of juicefs processes hangs", e);
    }
    return thread;
  }

  private void nameHost() {
    try {
      if (!host.name().equals(hostname())) {
        kernel.nameOwnHost(host.name());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @CanIgnoreReturnValue
  private static <T> T result(Future<T> future, Duration limit) throws TimeoutException {
    try {
      return future.get(limit.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while a process was started", e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException failure
          ? failure
          : new IllegalStateException(e);
    }
  }

  private static String hostname() throws IOException {
    return Files.readString(PROC.resolve("sys/kernel/hostname")).strip();
  }
}
