package io.juicebox.node.mount;

import io.juicebox.csi.volume.BackendConnection;
import io.juicebox.csi.volume.VolumeId;
import io.juicebox.node.cgroup.VolumeCgroups;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Tells why a juicefs process has ended. */
final class Causes {
  private static final int LOG_LINES = 2;
  private static final int KILLED = 128 + 9;

  private final VolumeCgroups cgroups;
  private final Processes processes;

  /** How often the kernel had ended a volume's processes for their memory when last asked. */
  private final ConcurrentHashMap<VolumeId, Long> told = new ConcurrentHashMap<>();

  Causes(VolumeCgroups cgroups, Processes processes) {
    this.cgroups = cgroups;
    this.processes = processes;
  }

  /** In a few words for people, without a key. */
  String of(MountRecord record, VolumeFiles files, Optional<BackendConnection> keys) {
    String who = "juicefs" + record.process().map(process -> " " + process.pid()).orElse("");
    long kills = cgroups.oomKills(record.volume());
    Long before = told.put(record.volume(), kills);
    if (kills > (before == null ? 0 : before)) {
      return "%s was ended by the kernel at its memory limit of %d MiB; raise memoryLimit"
          .formatted(who, cgroups.limit(record.volume()).orElse(0) >> 20);
    }
    Optional<Integer> exit = record.process().flatMap(processes::exitCode);
    if (exit.isEmpty()) {
      return who + " has ended";
    }
    if (exit.get() == KILLED) {
      return who + " was killed";
    }
    List<String> words =
        keys.map(it -> new LogFile(files.log()).lastLines(LOG_LINES, CommandLine.secrets(it)))
            .orElse(List.of());
    return "%s ended with code %d: %s".formatted(who, exit.get(), String.join(" | ", words));
  }

  void forget(VolumeId volume) {
    told.remove(volume);
  }
}
