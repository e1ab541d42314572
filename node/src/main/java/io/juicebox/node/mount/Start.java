package io.juicebox.node.mount;

import io.juicebox.csi.ops.Steps;
import io.juicebox.csi.status.DriverException;
import io.juicebox.csi.status.DriverException.Exhausted;
import io.juicebox.csi.status.DriverException.Failed;
import io.juicebox.csi.status.DriverException.Late;
import io.juicebox.node.kernel.Deadline;
import io.juicebox.node.mount.Condition.Answer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;

/** Mounts a volume of which nothing is there, and waits until it has proved itself. */
final class Start {
  private static final Duration LOOK = Duration.ofMillis(5);

  /** A mount needs a tenth of it; after this time its servers are asked whether they are there. */
  private static final Duration SLOW = Duration.ofSeconds(1);

  private static final Duration END_PATIENCE = Duration.ofSeconds(3);
  private static final int LOG_LINES = 5;

  private final MountSettings settings;
  private final Placeholder placeholder;
  private final Processes processes;
  private final Root root;
  private final Steps steps;

  Start(
      MountSettings settings,
      Placeholder placeholder,
      Processes processes,
      Root root,
      Steps steps) {
    this.settings = settings;
    this.placeholder = placeholder;
    this.processes = processes;
    this.root = root;
    this.steps = steps;
  }

  /**
   * Leaves whatever it did when it throws: the record then names the process, if one was started.
   *
   * @throws io.juicebox.csi.status.DriverException whatever the request's doubt throws
   * @throws Exhausted when Redis has no memory for its session
   * @throws Failed when the process exits, or mounts another filesystem
   * @throws Late when it is not ready by the deadline
   */
  void run(MountRequest request, VolumeFiles files) throws IOException {
    MountRecord record = record(request);
    Files.createDirectories(files.home());
    files.linkCache(record.cache());
    record.write(files);
    steps.reached(NodeStep.RECORDED);
    placeholder.create(files.mountPoint());
    steps.reached(NodeStep.SEALED);
    new CacheDirectory(record.cache()).create();
    var command = CommandLine.of(settings.juicefs(), request, record.cache(), files.mountPoint());
    Process process = processes.start(command, files.log(), request.deadline().remaining());
    steps.reached(NodeStep.STARTED);
    // One that has exited already has no identity, and needs none.
    Optional<ProcessIdentity> identity = ProcessIdentity.running(process.pid());
    if (identity.isPresent()) {
      recordOrEnd(record.startedAs(identity.get()), identity.get(), files);
    }
    steps.reached(NodeStep.PID_RECORDED);
    awaitReady(request, files, process);
    steps.reached(NodeStep.READY);
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

  private MountRecord record(MountRequest request) {
    Path caches = request.context().mount().cacheDir().orElse(settings.cacheDir());
    return new MountRecord(
        request.volume(),
        request.context(),
        request.options().juicefs(),
        caches.resolve(request.volume().value()),
        Optional.empty());
  }

  private void awaitReady(MountRequest request, VolumeFiles files, Process process) {
    Duration allowed = request.deadline().remaining();
    Deadline slow = Deadline.after(SLOW);
    while (true) {
      Duration limit = request.deadline().remaining(SLOW);
      Answer answer = root.ask(request.volume(), files.mountPoint(), limit);
      if (answer instanceof Answer.Root(UUID uuid)) {
        check(request, uuid);
        return;
      }
      if (!process.isAlive()) {
        request.doubt().run();
        throw ended(request, process.exitValue(), lastWords(request, files));
      }
      if (request.deadline().passed()) {
        throw new Late(
            "mounting volume %s, whose juicefs said: %s, and which"
                .formatted(request.volume(), lastWords(request, files)),
            allowed);
      }
      if (slow.passed()) {
        request.doubt().run();
        slow = Deadline.after(SLOW);
      }
      Pause.of(LOOK);
    }
  }

  private static DriverException ended(MountRequest request, int exit, String lastWords) {
    if (lastWords.contains("OOM command not allowed")) {
      return new Exhausted(
          "%s is out of memory, so volume %s can't be mounted: raise its maxmemory or delete volumes"
              .formatted(request.backend().redisName(), request.volume()));
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
