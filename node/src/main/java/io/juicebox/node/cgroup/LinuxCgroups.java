package io.juicebox.node.cgroup;

import io.juicebox.csi.status.DriverException.Late;
import io.juicebox.csi.volume.VolumeId;
import io.juicebox.node.cgroup.CgroupPlace.Version;
import io.juicebox.node.kernel.Deadline;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Below this process's own cgroup: a folder for all volumes, and in it one for each. */
final class LinuxCgroups implements VolumeCgroups {
  private static final Logger LOG = LoggerFactory.getLogger(LinuxCgroups.class);
  private static final Duration END_PATIENCE = Duration.ofSeconds(2);
  private static final Duration LOOK = Duration.ofMillis(5);

  private final MemoryController memory;
  private final Cgroup own;
  private final Cgroup holder;
  private final Cgroup service;

  private LinuxCgroups(MemoryController memory, Cgroup own, String name, String serviceName) {
    this.memory = memory;
    this.own = own;
    this.holder = own.child(name);
    this.service = own.child(serviceName);
  }

  /**
   * @param place of this process; with version 2 maybe the leaf that an earlier run of this program
   *     moved into, when that run started this one
   */
  static LinuxCgroups below(CgroupPlace place, String name) {
    String serviceName = name + "-service";
    Path directory = place.directory();
    boolean inLeaf = place.version() == Version.V2 && directory.endsWith(serviceName);
    return new LinuxCgroups(
        place.version().memory(),
        new Cgroup(inLeaf ? directory.resolveSibling("") : directory),
        name,
        serviceName);
  }

  /** Makes the folder for all volumes. */
  void prepare() throws IOException {
    memory.prepare(own, holder, service);
  }

  @Override
  public String state() {
    return "the memory of each volume is limited by a cgroup in " + holder;
  }

  @Override
  public void create(VolumeId volume, long memoryLimit) {
    try {
      memory.limit(made(volume), memoryLimit);
    } catch (IOException e) {
      throw new UncheckedIOException("can't limit the memory of volume " + volume, e);
    }
  }

  /** Another program of our name may have taken the folder away when it ended. */
  private Cgroup made(VolumeId volume) throws IOException {
    if (!holder.exists()) {
      prepare();
    }
    Cgroup cgroup = of(volume);
    cgroup.make();
    return cgroup;
  }

  @Override
  public void add(VolumeId volume, long pid) {
    try {
      Optional<Cgroup> earlier = elsewhere(volume, pid);
      if (!of(volume).exists()) {
        Cgroup cgroup = made(volume);
        OptionalLong limit =
            earlier.isPresent() ? memory.limit(earlier.get()) : OptionalLong.empty();
        if (limit.isPresent()) {
          memory.limit(cgroup, limit.getAsLong());
        }
      }
      of(volume).take(pid);
      earlier.filter(Cgroup::isRemoved).ifPresent(LinuxCgroups::removeHolder);
    } catch (IOException e) {
      throw new UncheckedIOException("can't limit the memory of process " + pid, e);
    }
  }

  /** The volume's cgroup of an earlier run of this program, which began in another cgroup. */
  private Optional<Cgroup> elsewhere(VolumeId volume, long pid) {
    try {
      return CgroupSearch.of(Long.toString(pid))
          .map(place -> new Cgroup(place.directory()))
          .filter(cgroup -> cgroup.name().equals(volume.value()) && !cgroup.equals(of(volume)));
    } catch (IOException e) {
      return Optional.empty(); // it has ended
    }
  }

  private static void removeHolder(Cgroup volume) {
    Cgroup earlier = new Cgroup(volume.directory().resolveSibling(""));
    LOG.info("{} is left, {}", volume, earlier.isRemoved() ? "as the last there" : "others stay");
  }

  @Override
  public long oomKills(VolumeId volume) {
    try {
      return memory.oomKills(of(volume));
    } catch (IOException e) {
      return 0; // it has no cgroup
    }
  }

  @Override
  public OptionalLong usage(VolumeId volume) {
    try {
      return OptionalLong.of(memory.usage(of(volume)));
    } catch (IOException e) {
      return OptionalLong.empty();
    }
  }

  @Override
  public OptionalLong limit(VolumeId volume) {
    try {
      return memory.limit(of(volume));
    } catch (IOException e) {
      return OptionalLong.empty();
    }
  }

  @Override
  public void remove(VolumeId volume) {
    Cgroup cgroup = of(volume);
    Deadline end = Deadline.after(END_PATIENCE);
    while (!cgroup.isRemoved()) {
      List<Long> left = killed(cgroup);
      if (end.passed()) {
        throw new Late("ending processes %s of %s".formatted(left, cgroup), END_PATIENCE);
      }
      pause();
    }
  }

  private static List<Long> killed(Cgroup cgroup) {
    try {
      List<Long> left = cgroup.processes();
      cgroup.kill();
      return left;
    } catch (IOException e) {
      return List.of(); // it is gone
    }
  }

  private static void pause() {
    try {
      Thread.sleep(LOOK);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("the program is ending", e);
    }
  }

  @Override
  public List<VolumeId> volumes() {
    var found = new ArrayList<VolumeId>();
    if (!holder.exists()) {
      return found;
    }
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(holder.directory())) {
      for (Path folder : folders) {
        VolumeId.tryParse(String.valueOf(folder.getFileName())).ifPresent(found::add);
      }
    } catch (IOException e) {
      LOG.warn("can't look into {}: {}", holder, e.toString());
    }
    return found;
  }

  @Override
  public void close() {
    if (!holder.isRemoved()) {
      LOG.debug("{} stays: volumes are mounted", holder);
    }
  }

  private Cgroup of(VolumeId volume) {
    return holder.child(volume.value());
  }
}
