package io.juicebox.node.mount;

import io.juicebox.csi.status.DriverException;
import io.juicebox.csi.status.DriverException.Failed;
import io.juicebox.node.descriptor.DescriptorKeeper;
import io.juicebox.node.kernel.Kernel;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives a mount that is there another process. What programs ask meanwhile waits in the kernel,
 * since the descriptor of the mount is kept.
 */
final class Successor {
  private static final Logger LOG = LoggerFactory.getLogger(Successor.class);

  private final Kernel kernel;
  private final DescriptorKeeper descriptors;
  private final Processes processes;
  private final DeadSessions deadSessions;
  private final Departure departure;
  private final Launch launch;

  Successor(
      Kernel kernel,
      DescriptorKeeper descriptors,
      Processes processes,
      DeadSessions deadSessions,
      Departure departure,
      Launch launch) {
    this.kernel = kernel;
    this.descriptors = descriptors;
    this.processes = processes;
    this.deadSessions = deadSessions;
    this.departure = departure;
    this.launch = launch;
  }

  /**
   * Replaces a process that has ended, in order or not. When it throws, no process serves and the
   * descriptor is still there for the next attempt.
   *
   * @param meanwhile done while the next one starts
   * @throws DriverException as {@link Launch#run} does
   */
  void replace(MountRequest request, VolumeFiles files, MountRecord record, Runnable meanwhile)
      throws IOException {
    if (Departure.collect(record, files)) {
      long session = record.session().orElseThrow();
      start(request, files, record, new Succession.Graceful(session), meanwhile);
      return;
    }
    files.removeStates();
    // Requests that the dead process had taken are asked again; without it they hang for seconds.
    boolean resent = descriptors.resend(request.volume());
    if (record.session().isEmpty()) {
      deadSessions.release(request, files.mountPoint());
    }
    start(
        request,
        files,
        record,
        new Succession.AfterCrash(),
        () -> {
          record
              .session()
              .ifPresent(session -> deadSessions.begin(request, session, files.mountPoint()));
          LOG.info(
              "volume {}: another juicefs takes over; the kernel asks again: {}",
              request.volume(),
              resent);
          meanwhile.run();
        });
  }

  /** Replaces a process that serves, without an error for anybody. */
  Restart restart(
      MountRequest request, VolumeFiles files, MountRecord record, ProcessIdentity running)
      throws IOException {
    long begun = System.nanoTime();
    Optional<String> stays = departure.leaveAtRest(record, running, files);
    if (stays.isPresent()) {
      return new Restart.Busy(stays.get());
    }
    replace(request, files, MountRecord.read(files).orElse(record), () -> {});
    return new Restart.Restarted(Duration.ofNanos(System.nanoTime() - begun));
  }

  private void start(
      MountRequest request,
      VolumeFiles files,
      MountRecord record,
      Succession succession,
      Runnable meanwhile)
      throws IOException {
    try {
      var _ = launch.run(request, files, record, succession, meanwhile);
      files.removeStates();
      requireOneMount(files);
    } catch (IOException | RuntimeException e) {
      endFailed(files);
      record.write(files); // what the predecessor left may not have been read
      throw e;
    }
  }

  /** A process that did not get the descriptor would have mounted anew, on top. */
  private void requireOneMount(VolumeFiles files) {
    if (kernel.mounts().stackedAt(files.mountPoint()).filter(Root::isJuicefs).count() != 1) {
      throw new Failed("juicefs did not take over " + files.mountPoint());
    }
  }

  /** By SIGKILL: asked in order, it would take the mount off. */
  private void endFailed(VolumeFiles files) {
    MountRecord.read(files)
        .flatMap(MountRecord::running)
        .ifPresent(process -> processes.kill(process));
    while (kernel.mounts().stackedAt(files.mountPoint()).filter(Root::isJuicefs).count() > 1) {
      kernel.detach(files.mountPoint());
    }
  }
}
