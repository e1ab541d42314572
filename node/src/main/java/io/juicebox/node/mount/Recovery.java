package io.juicebox.node.mount;

import io.juicebox.csi.volume.VolumeId;
import io.juicebox.node.claim.Claims;
import io.juicebox.node.descriptor.DescriptorKeeper;
import io.juicebox.node.kernel.Deadline;
import io.juicebox.node.mount.Condition.Answer;
import io.juicebox.node.mount.MountHealth.State;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes up what an earlier run of the program left: mounts that answer, or may answer again, stay;
 * those whose process has ended get another, where their descriptor was kept; all else of ours
 * goes. The runs before may have been killed at any point, on this boot or another.
 */
final class Recovery {
  private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);

  /** For a process whose mount was released to end; more than a release itself gives it. */
  private static final Duration LEAVING = Duration.ofSeconds(30);

  /** For whoever holds the second copies to bring them: a node plugin may be starting, too. */
  private static final Duration COPIES = Duration.ofSeconds(30);

  private static final Duration LOOK = Duration.ofMillis(20);

  private final VolumeDirectories directories;
  private final Claims claims;
  private final Processes processes;
  private final DescriptorKeeper descriptors;
  private final Belongings belongings;
  private final Root root;
  private final Inspection inspection;
  private final Removal removal;
  private final Revivals revivals;
  private final HealthBook health;

  Recovery(
      VolumeDirectories directories,
      Claims claims,
      Processes processes,
      DescriptorKeeper descriptors,
      Belongings belongings,
      Root root,
      Inspection inspection,
      Removal removal,
      Revivals revivals,
      HealthBook health) {
    this.directories = directories;
    this.claims = claims;
    this.processes = processes;
    this.descriptors = descriptors;
    this.belongings = belongings;
    this.root = root;
    this.inspection = inspection;
    this.removal = removal;
    this.revivals = revivals;
    this.health = health;
  }

  /**
   * Blocks as long as the slowest mount takes to answer; hung ones are asked side by side. Mounts
   * whose process has ended are claimed when it returns, and replaced or given up later.
   */
  void run() {
    Map<Path, ProcessIdentity> running = processes.byOutput();
    for (VolumeId volume : directories.volumes()) {
      VolumeFiles files = directories.of(volume);
      if (root.mounted(files.mountPoint()).isPresent() && MountRecord.read(files).isPresent()) {
        descriptors.serve(volume, files.descriptorSocket(), files.init());
      }
    }
    descriptors.settled();
    try (ExecutorService each = Executors.newVirtualThreadPerTaskExecutor()) {
      for (VolumeId volume : directories.volumes()) {
        each.execute(() -> logged(volume, () -> recover(volume, running)));
      }
    }
  }

  private void recover(VolumeId volume, Map<Path, ProcessIdentity> running) throws IOException {
    Claims.Hold hold = claims.claim(volume.value());
    boolean orphaned = false;
    try {
      VolumeFiles files = directories.of(volume);
      Optional<ProcessIdentity> found = Optional.ofNullable(running.get(files.log()));
      // A record that was written before its process was started names it now.
      Optional<MountRecord> record =
          MountRecord.read(files)
              .map(known ->
                  found
                      .filter(process -> !known.process().equals(found))
                      .map(known::startedAs)
                      .orElse(known));
      orphaned = isOrphaned(record, files);
      if (orphaned) {
        MountRecord known = record.orElseThrow();
        Thread.ofVirtual()
            .name("orphan-", 0)
            .start(() -> {
              try (hold) {
                logged(volume, () -> await(known, files));
              }
            });
      } else {
        takeUp(volume, files, record, found);
      }
    } finally {
      if (!orphaned) {
        hold.close();
      }
    }
  }

  private boolean isOrphaned(Optional<MountRecord> record, VolumeFiles files) {
    return root.mounted(files.mountPoint()).isPresent()
        && record.filter(it -> it.process().isPresent() && it.running().isEmpty()).isPresent();
  }

  private void takeUp(
      VolumeId volume,
      VolumeFiles files,
      Optional<MountRecord> record,
      Optional<ProcessIdentity> found)
      throws IOException {
    Condition condition = inspection.of(volume, files, record, root.mounted(files.mountPoint()));
    switch (condition) {
      case SERVING, SILENT -> {
        MountRecord known = record.orElseThrow();
        known.write(files);
        adopt(known);
        LOG.info("volume {}: took up its mount, {}", volume, condition);
      }
      case LEAVING -> {
        removal.release(files, record, Deadline.after(LEAVING));
        LOG.info("volume {}: its release is finished", volume);
      }
      case ORPHANED -> revivals.ended(volume, record.flatMap(MountRecord::process).orElseThrow());
      case ABSENT, BROKEN -> {
        removal.takeBack(files, record, record.flatMap(MountRecord::process).or(() -> found));
        LOG.info("volume {}: removed what was left of a mount, {}", volume, condition);
      }
    }
  }

  private void adopt(MountRecord record) {
    record
        .running()
        .ifPresent(process -> {
          descriptors.takeFrom(record.volume(), process.pid());
          belongings.add(record.volume(), process);
        });
    health.note(record.volume(), State.SERVING, "");
  }

  /**
   * A mount whose process has ended: whoever holds its descriptor will bring it. Where nobody does,
   * the kernel says so.
   */
  private void await(MountRecord record, VolumeFiles files) throws IOException {
    VolumeId volume = record.volume();
    health.note(volume, State.RESTARTING, "its juicefs ended with an earlier run of this program");
    Deadline end = Deadline.after(COPIES);
    while (!descriptors.holds(volume)) {
      Answer answer = root.ask(volume, files.mountPoint(), Duration.ofMillis(100));
      if (answer instanceof Answer.Disconnected || end.passed()) {
        removal.takeBack(files, Optional.of(record));
        health.forget(volume);
        LOG.warn(
            "volume {}: its juicefs and all copies of its descriptor are gone: programs that use it"
                + " get an error until it is published again",
            volume);
        return;
      }
      Pause.of(LOOK);
    }
    revivals.ended(volume, record.process().orElseThrow());
  }

  private static void logged(VolumeId volume, Work work) {
    try {
      work.run();
    } catch (IOException | RuntimeException e) {
      LOG.error("volume {}: can't take up or remove what an earlier run left", volume, e);
    }
  }

  private interface Work {
    void run() throws IOException;
  }
}
