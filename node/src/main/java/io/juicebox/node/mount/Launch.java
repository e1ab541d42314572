package io.juicebox.node.mount;

import io.juicebox.csi.ops.Steps;
import io.juicebox.csi.status.DriverException;
import io.juicebox.csi.status.DriverException.BackendUnavailable;
import io.juicebox.csi.status.DriverException.Exhausted;
import io.juicebox.csi.status.DriverException.Failed;
import io.juicebox.csi.status.DriverException.Late;
import io.juicebox.node.cgroup.Autogroup;
import io.juicebox.node.cgroup.OomScore;
import io.juicebox.node.kernel.Deadline;
import io.juicebox.node.mount.Condition.Answer;
import io.juicebox.node.proof.VolumeBackend;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;

/** Starts a juicefs process for a volume's mount, and waits until it has proved itself. */
final class Launch {
  private static final Duration LOOK = Duration.ofMillis(5);

  /** A mount needs a tenth of it; after this time Redis is asked whether it is there. */
  private static final Duration SLOW = Duration.ofSeconds(1);

  private static final Duration END_PATIENCE = Duration.ofSeconds(3);
  private static final int LOG_LINES = 5;

  /** The JDK's code for a process that signal n ended is this and n. */
  private static final int SIGNALLED = 128;

  /** As any program: JuiceFS would have the kernel spare it, whatever it costs others. */
  private static final int OOM_SCORE = 0;

  private final MountSettings settings;
  private final Processes processes;
  private final Belongings belongings;
  private final Root root;
  private final VolumeBackend backend;
  private final Steps steps;

  Launch(
      MountSettings settings,
      Processes processes,
      Belongings belongings,
      Root root,
      VolumeBackend backend,
      Steps steps) {
    this.settings = settings;
    this.processes = processes;
    this.belongings = belongings;
    this.root = root;
    this.backend = backend;
    this.steps = steps;
  }

  /**
   * Leaves whatever it did when it throws: the record then names the process, if one was started.
   *
   * @param meanwhile done while the process starts: programs may be waiting for it
   * @return the record as it was written last
   * @throws DriverException what is wrong with Redis, when it takes long or the process ends
   * @throws Exhausted when Redis has no memory for its session
   * @throws BackendUnavailable when a signal ends the process: another may do better
   * @throws Failed when the process exits, or mounts another filesystem
   * @throws Late when it is not ready by the deadline
   */
  MountRecord run(
      MountRequest request,
      VolumeFiles files,
      MountRecord planned,
      Succession succession,
      Runnable meanwhile)
      throws IOException {
    belongings.prepare(request, files, settings.memoryLimit());
    var command =
        CommandLine.of(
            settings.juicefs(),
            request,
            planned.cache(),
            files,
            belongings.tls(request.volume()),
            succession);
    Process process = processes.start(command, files.log(), request.deadline().remaining());
    steps.reached(NodeStep.STARTED);
    MountRecord record = planned;
    // One that has exited already has no identity, and needs none.
    Optional<ProcessIdentity> identity = ProcessIdentity.running(process.pid());
    if (identity.isPresent()) {
      Autogroup.raise(process.pid());
      record = planned.startedAs(identity.get());
      recordOrEnd(record, identity.get(), files);
      belongings.add(request.volume(), identity.get());
      OomScore.set(process.pid(), OOM_SCORE);
    }
    steps.reached(NodeStep.PID_RECORDED);
    meanwhile.run();
    long session = awaitReady(request, files, process);
    record = record.serving(session, device(files));
    record.write(files);
    steps.reached(NodeStep.READY);
    return record;
  }

  /** Where the disk is full nobody would find the process again. */
  private void recordOrEnd(MountRecord record, ProcessIdentity process, VolumeFiles files)
      throws IOException {
    try {
      record.write(files);
    } catch (IOException | RuntimeException e) {
      processes.end(process, END_PATIENCE);
      throw e;
    }
  }

  private long awaitReady(MountRequest request, VolumeFiles files, Process process) {
    Duration allowed = request.deadline().remaining();
    Deadline slow = Deadline.after(SLOW);
    while (true) {
      Duration limit = request.deadline().remaining(SLOW);
      Answer answer = root.ask(request.volume(), files.mountPoint(), limit);
      if (answer instanceof Answer.Root(UUID uuid, long session)) {
        check(request, uuid);
        return session;
      }
      if (!process.isAlive()) {
        doubt(request);
        throw ended(request, process.exitValue(), lastWords(request, files));
      }
      if (request.deadline().passed()) {
        throw new Late(
            "mounting volume %s, whose juicefs said: %s, and which"
                .formatted(request.volume(), lastWords(request, files)),
            allowed);
      }
      if (slow.passed()) {
        doubt(request);
        slow = Deadline.after(SLOW);
      }
      Pause.of(LOOK);
    }
  }

  private String device(VolumeFiles files) {
    return root.mounted(files.mountPoint())
        .orElseThrow(() -> new Failed(files.mountPoint() + " was unmounted meanwhile"))
        .device();
  }

  /** Throws what is wrong with Redis, for which juicefs would wait. */
  private void doubt(MountRequest request) {
    var _ = backend.sessions(request.context(), request.backend());
  }

  private static DriverException ended(MountRequest request, int exit, String lastWords) {
    if (lastWords.contains("OOM command not allowed")) {
      return new Exhausted(
          "%s is out of memory, so volume %s can't be mounted: raise its maxmemory or delete volumes"
              .formatted(request.backend().redisName(), request.volume()));
    }
    if (exit > SIGNALLED) {
      return new BackendUnavailable(
          "juicefs of volume " + request.volume(),
          "signal %d ended it before it had mounted; its last words: %s"
              .formatted(exit - SIGNALLED, lastWords),
          null);
    }
    return new Failed(
        "juicefs ended with code %d before volume %s was mounted; its last words: %s"
            .formatted(exit, request.volume(), lastWords));
  }

  private static void check(MountRequest request, UUID found) {
    UUID expected = request.context().uuid();
    if (!found.equals(expected)) {
      throw new Failed(
          ("number %s holds filesystem %s and not volume %s, which is %s:"
                  + " the volume was deleted, or the address is another backend's")
              .formatted(request.context().number(), found, request.volume(), expected));
    }
  }

  private static String lastWords(MountRequest request, VolumeFiles files) {
    var lines =
        new LogFile(files.log()).lastLines(LOG_LINES, CommandLine.secrets(request.backend()));
    return lines.isEmpty() ? "none" : String.join(" | ", lines);
  }
}
