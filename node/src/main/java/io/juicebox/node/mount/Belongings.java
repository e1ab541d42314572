package io.juicebox.node.mount;

import io.juicebox.csi.volume.VolumeId;
import io.juicebox.node.cgroup.VolumeCgroups;
import io.juicebox.node.descriptor.DescriptorKeeper;
import java.io.IOException;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;

/**
 * What a mount has beside its directory and its process: the descriptor, a cgroup, keys, and
 * somebody who is told when the process ends.
 */
final class Belongings {
  private final DescriptorKeeper descriptors;
  private final VolumeCgroups cgroups;
  private final KeyFiles keys;
  private final BiConsumer<VolumeId, ProcessIdentity> watch;

  /**
   * @param watch has somebody told when the process has ended
   */
  Belongings(
      DescriptorKeeper descriptors,
      VolumeCgroups cgroups,
      KeyFiles keys,
      BiConsumer<VolumeId, ProcessIdentity> watch) {
    this.descriptors = descriptors;
    this.cgroups = cgroups;
    this.keys = keys;
    this.watch = watch;
  }

  /** The files that a volume's process reads; they are there once it is prepared. */
  TlsFiles tls(VolumeId volume) {
    return keys.tls(volume);
  }

  /** Before a process is started. */
  void prepare(MountRequest request, VolumeFiles files, long memoryLimit) throws IOException {
    keys.put(request.volume(), request.backend());
    descriptors.serve(request.volume(), files.descriptorSocket(), files.init());
    cgroups.create(request.volume(), request.context().mount().memoryLimit().orElse(memoryLimit));
  }

  /** A process that was started. */
  void add(VolumeId volume, ProcessIdentity process) {
    cgroups.add(volume, process.pid());
    watch.accept(volume, process);
  }

  /** The process has ended for good: programs that still wait for it get an error now. */
  void dropDescriptor(VolumeId volume) {
    descriptors.drop(volume);
  }

  /** All of it; the process has ended. */
  void remove(VolumeId volume) throws IOException {
    descriptors.drop(volume);
    cgroups.remove(volume);
    keys.remove(volume);
  }

  /** The volumes of which anything is left here. */
  Set<VolumeId> volumes() {
    var all = new TreeSet<>(cgroups.volumes());
    all.addAll(keys.volumes());
    return all;
  }
}
