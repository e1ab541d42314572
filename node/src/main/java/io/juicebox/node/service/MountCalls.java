package io.juicebox.node.service;

import io.grpc.Context;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.juicebox.csi.status.DriverException;
import io.juicebox.csi.status.DriverException.InvalidRequest;
import io.juicebox.csi.volume.VolumeId;
import io.juicebox.mountservice.v1.GetVersionRequest;
import io.juicebox.mountservice.v1.GetVersionResponse;
import io.juicebox.mountservice.v1.HandOverRequest;
import io.juicebox.mountservice.v1.HandOverResponse;
import io.juicebox.mountservice.v1.HealthEvent;
import io.juicebox.mountservice.v1.ListRequest;
import io.juicebox.mountservice.v1.ListResponse;
import io.juicebox.mountservice.v1.MountServiceGrpc;
import io.juicebox.mountservice.v1.MountVolumeRequest;
import io.juicebox.mountservice.v1.MountVolumeResponse;
import io.juicebox.mountservice.v1.RenewRequest;
import io.juicebox.mountservice.v1.RenewResponse;
import io.juicebox.mountservice.v1.RestartProgress;
import io.juicebox.mountservice.v1.RestartRequest;
import io.juicebox.mountservice.v1.UnmountRequest;
import io.juicebox.mountservice.v1.UnmountResponse;
import io.juicebox.mountservice.v1.WatchHealthRequest;
import io.juicebox.node.mount.Mount;
import io.juicebox.node.mount.MountHealth;
import io.juicebox.node.mount.MountService;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The calls of {@code mountservice.proto}. */
final class MountCalls extends MountServiceGrpc.MountServiceImplBase {
  private static final Logger LOG = LoggerFactory.getLogger(MountCalls.class);

  private final MountService mounts;
  private final Supplier<ServiceVersion> version;
  private final Set<HealthStream> watches = ConcurrentHashMap.newKeySet();
  private volatile boolean ending;

  MountCalls(MountService mounts, Supplier<ServiceVersion> version) {
    this.mounts = mounts;
    this.version = version;
  }

  @Override
  public void mount(MountVolumeRequest call, StreamObserver<MountVolumeResponse> answer) {
    Mount mount = mounts.ensure(MountMessages.request(call));
    answer(answer, MountVolumeResponse.newBuilder().setMount(MountMessages.message(mount)).build());
  }

  @Override
  public void renew(RenewRequest call, StreamObserver<RenewResponse> answer) {
    mounts.renew(MountMessages.request(call.getMount()));
    answer(answer, RenewResponse.getDefaultInstance());
  }

  @Override
  public void unmount(UnmountRequest call, StreamObserver<UnmountResponse> answer) {
    mounts.release(MountMessages.volume(call.getVolumeId()), Times.deadline(call.getTimeout()));
    answer(answer, UnmountResponse.getDefaultInstance());
  }

  @Override
  public void list(ListRequest call, StreamObserver<ListResponse> answer) {
    Map<VolumeId, MountHealth> health = mounts.health();
    var response = ListResponse.newBuilder();
    for (Mount mount : sorted(mounts.list())) {
      var entry = ListResponse.Entry.newBuilder().setMount(MountMessages.message(mount));
      // One that was mounted a moment ago may not have a word yet.
      MountHealth known =
          health.getOrDefault(
              mount.volume(),
              new MountHealth(mount.volume(), MountHealth.State.SERVING, "", Instant.now()));
      response.addEntries(entry.setHealth(HealthMessages.message(known)));
    }
    answer(answer, response.build());
  }

  @Override
  public void watchHealth(WatchHealthRequest call, StreamObserver<HealthEvent> answer) {
    var client = (ServerCallStreamObserver<HealthEvent>) answer;
    var stream = new HealthStream(mounts, client);
    watches.add(stream);
    if (ending) {
      stream.close(); // it came when the others had been ended
    }
    client.setOnReadyHandler(stream::ready);
    client.setOnCancelHandler(() -> {
      stream.cancelled();
      watches.remove(stream);
    });
    stream.begin();
  }

  @Override
  public void restart(RestartRequest call, StreamObserver<RestartProgress> answer) {
    if (call.getAll() == (call.getVolumeIdsCount() > 0)) {
      throw new InvalidRequest("volume_ids", "must name volumes, or all must be set instead");
    }
    List<VolumeId> volumes =
        call.getAll()
            ? sorted(mounts.list()).stream().map(Mount::volume).toList()
            : call.getVolumeIdsList().stream().map(MountMessages::volume).toList();
    var _ = Times.deadline(call.getTimeout()); // a mistake is told before the first one is touched
    for (VolumeId volume : volumes) {
      if (Context.current().isCancelled()) {
        LOG.warn("the client is gone: volume {} and what follows are not restarted", volume);
        return;
      }
      answer.onNext(restart(volume, call));
    }
    answer.onCompleted();
  }

  private RestartProgress restart(VolumeId volume, RestartRequest call) {
    try {
      return HealthMessages.message(
          volume, mounts.restart(volume, Times.deadline(call.getTimeout())));
    } catch (DriverException e) {
      LOG.warn("volume {} is not restarted: {}", volume, e.getMessage());
      return HealthMessages.failed(volume, String.valueOf(e.getMessage()));
    }
  }

  @Override
  public void handOver(HandOverRequest call, StreamObserver<HandOverResponse> answer) {
    mounts.handOver(Times.deadline(call.getTimeout()));
    answer(answer, HandOverResponse.getDefaultInstance());
  }

  @Override
  public void getVersion(GetVersionRequest call, StreamObserver<GetVersionResponse> answer) {
    ServiceVersion now = version.get();
    answer(
        answer,
        GetVersionResponse.newBuilder()
            .setContract(now.contract())
            .setProgram(now.program())
            .setJuicefs(now.juicefs())
            .setProblem(now.problem())
            .build());
  }

  /** Ends the calls that would last for ever; their clients call again, and find the successor. */
  void endWatches() {
    ending = true;
    watches.forEach(HealthStream::close);
    watches.clear();
  }

  private static List<Mount> sorted(List<Mount> mounts) {
    return mounts.stream().sorted(Comparator.comparing(Mount::volume)).toList();
  }

  private static <A> void answer(StreamObserver<A> observer, A answer) {
    observer.onNext(answer);
    observer.onCompleted();
  }
}
