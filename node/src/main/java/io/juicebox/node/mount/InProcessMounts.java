package io.juicebox.node.mount;

import io.juicebox.csi.ops.Steps;
import io.juicebox.csi.status.DriverException.Failed;
import io.juicebox.csi.status.DriverException.Late;
import io.juicebox.csi.status.DriverException.OperationPending;
import io.juicebox.csi.volume.VolumeId;
import io.juicebox.node.kernel.BoundedCalls;
import io.juicebox.node.kernel.Deadline;
import io.juicebox.node.kernel.Kernel;
import io.juicebox.node.kernel.KernelException;
import io.juicebox.node.kernel.MountInfo;
import io.juicebox.node.kernel.MountTable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The mounts of a node whose own program starts the juicefs processes. They live on when the
 * program ends; {@link #recover} takes them up again.
 */
public final class InProcessMounts implements Mounts, AutoCloseable {
  private final MountSettings settings;
  private final VolumeDirectories directories;
  private final Kernel kernel;
  private final Processes processes;
  private final Root root;
  private final Inspection inspection;
  private final Start start;
  private final Removal removal;
  private final LogKeeper logKeeper;
  private final Set<VolumeId> busy = ConcurrentHashMap.newKeySet();

  public InProcessMounts(MountSettings settings, Kernel kernel, BoundedCalls calls, Steps steps) {
    var placeholder = new Placeholder(kernel);
    this.settings = settings;
    this.directories = VolumeDirectories.under(settings.stateDir());
    this.kernel = kernel;
    this.processes = new Processes(kernel, SessionHost.of(settings.nodeId()));
    this.root = new Root(kernel, calls);
    this.inspection = new Inspection(root, settings.filesystemTimeout());
    this.start = new Start(settings, placeholder, processes, root, steps);
    this.removal = new Removal(kernel, root, processes, placeholder, steps);
    this.logKeeper = new LogKeeper(directories);
  }

  /**
   * Takes up what an earlier run of the program left: mounts that answer, or may answer again,
   * stay, all else of ours goes. Call it once, before any of the other calls; it takes as long as
   * the slowest mount needs to answer, at most the filesystem timeout.
   */
  public void recover() {
    new Recovery(directories, settings.cacheDir(), processes, root, inspection, removal).run();
    logKeeper.start();
  }

  @Override
  public Mount ensure(MountRequest request) {
    return alone(request.volume(), "mount", () -> ensureAlone(request));
  }

  @Override
  public Optional<Mount> find(VolumeId volume) {
    return find(volume, kernel.mounts());
  }

  @Override
  public List<Mount> list() {
    MountTable table = kernel.mounts();
    return directories.volumes().stream()
        .map(volume -> find(volume, table))
        .flatMap(Optional::stream)
        .toList();
  }

  @Override
  public List<VolumeId> remains() {
    MountTable table = kernel.mounts();
    return directories.volumes().stream()
        .filter(volume -> Root.mounted(table, directories.of(volume).mountPoint()).isEmpty())
        .toList();
  }

  @Override
  public void release(VolumeId volume, Deadline deadline) {
    VolumeFiles files = directories.of(volume);
    alone(
        volume,
        "release",
        () -> {
          removal.release(files, MountRecord.read(files), deadline);
          return volume;
        });
  }

  /** Stops what runs beside the calls; the mounts stay. */
  @Override
  public void close() {
    logKeeper.close();
    processes.close();
  }

  private Optional<Mount> find(VolumeId volume, MountTable table) {
    VolumeFiles files = directories.of(volume);
    Optional<MountInfo> mounted = Root.mounted(table, files.mountPoint());
    return mounted.isPresent() ? mount(MountRecord.read(files), mounted, files) : Optional.empty();
  }

  private Mount ensureAlone(MountRequest request) throws IOException {
    VolumeFiles files = directories.of(request.volume());
    Optional<MountRecord> record = MountRecord.read(files);
    Optional<MountInfo> mounted = root.mounted(files.mountPoint());
    switch (inspection.of(request.volume(), files, record, mounted)) {
      case SERVING -> {
        return mount(record, mounted, files).orElseThrow(() -> gone(request));
      }
      case SILENT ->
          throw new Late(
              ("a look at the mount of volume %s, which is there and whose juicefs runs"
                      + " (its backend may be away),")
                  .formatted(request.volume()),
              settings.filesystemTimeout());
      case LEAVING -> {
        removal.release(files, record, request.deadline());
        startOrTakeBack(request, files);
      }
      case ABSENT, BROKEN -> {
        removal.takeBack(files, record);
        startOrTakeBack(request, files);
      }
    }
    return find(request.volume()).orElseThrow(() -> gone(request));
  }

  private static Failed gone(MountRequest request) {
    return new Failed("volume " + request.volume() + " was unmounted meanwhile");
  }

  private void startOrTakeBack(MountRequest request, VolumeFiles files) throws IOException {
    try {
      start.run(request, files);
    } catch (IOException | RuntimeException e) {
      try {
        removal.takeBack(files, MountRecord.read(files));
      } catch (IOException | RuntimeException left) {
        e.addSuppressed(left);
      }
      throw e;
    }
  }

  private static Optional<Mount> mount(
      Optional<MountRecord> record, Optional<MountInfo> mounted, VolumeFiles files) {
    return record.flatMap(known ->
        mounted.flatMap(info ->
            known
                .process()
                .map(process ->
                    new Mount(
                        known.volume(),
                        files.mountPoint(),
                        info.device(),
                        known.context().uuid(),
                        process.pid(),
                        known.options(),
                        known.context().pvc()))));
  }

  /** One call at a time per volume; a file or a system call that fails ends it as Failed. */
  private <T> T alone(VolumeId volume, String what, Work<T> work) {
    if (!busy.add(volume)) {
      throw new OperationPending(volume.value());
    }
    try {
      return work.run();
    } catch (IOException | UncheckedIOException | KernelException e) {
      throw new Failed("can't %s volume %s on this node: %s".formatted(what, volume, e), e);
    } finally {
      busy.remove(volume);
    }
  }

  private interface Work<T> {
    T run() throws IOException;
  }
}
