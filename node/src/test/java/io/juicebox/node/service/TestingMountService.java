package io.juicebox.node.service;

import io.juicebox.csi.volume.VolumeId;
import io.juicebox.node.kernel.Deadline;
import io.juicebox.node.mount.Mount;
import io.juicebox.node.mount.MountHealth;
import io.juicebox.node.mount.MountRequest;
import io.juicebox.node.mount.MountService;
import io.juicebox.node.mount.Restart;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Function;

/** Mounts that exist in the mind only, for failures and states that can't be caused at will. */
final class TestingMountService implements MountService {
  final ConcurrentSkipListMap<VolumeId, MountHealth> health = new ConcurrentSkipListMap<>();
  final Map<VolumeId, Mount> mounts = new ConcurrentSkipListMap<>();
  final List<MountRequest> requests = new CopyOnWriteArrayList<>();
  final List<Duration> handedOver = new CopyOnWriteArrayList<>();
  private final List<Consumer<MountHealth>> listeners = new CopyOnWriteArrayList<>();
  volatile Function<MountRequest, Mount> ensuring =
      request -> {
        throw new UnsupportedOperationException();
      };
  volatile Function<VolumeId, Restart> restarting = volume -> new Restart.NotMounted();

  void tell(MountHealth change) {
    health.put(change.volume(), change);
    listeners.forEach(listener -> listener.accept(change));
  }

  int watches() {
    return listeners.size();
  }

  @Override
  public Mount ensure(MountRequest request) {
    requests.add(request);
    return ensuring.apply(request);
  }

  @Override
  public void renew(MountRequest request) {
    requests.add(request);
  }

  @Override
  public Optional<Mount> find(VolumeId volume) {
    return Optional.ofNullable(mounts.get(volume));
  }

  @Override
  public List<Mount> list() {
    return new ArrayList<>(mounts.values()).reversed();
  }

  @Override
  public List<VolumeId> remains() {
    return List.of();
  }

  @Override
  public Path mountPoint(VolumeId volume) {
    return Path.of("/mounts", volume.value());
  }

  @Override
  public void release(VolumeId volume, Deadline deadline) {
    mounts.remove(volume);
    health.remove(volume);
  }

  @Override
  public Restart restart(VolumeId volume, Deadline deadline) {
    return restarting.apply(volume);
  }

  @Override
  public void handOver(Deadline deadline) {
    handedOver.add(deadline.remaining());
  }

  @Override
  public Map<VolumeId, MountHealth> health() {
    return new TreeMap<>(health);
  }

  @Override
  public Watch watch(Consumer<MountHealth> listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }
}
