package io.juicebox.node.service;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.juicebox.csi.status.DriverException;
import io.juicebox.csi.status.DriverException.BackendUnavailable;
import io.juicebox.csi.status.DriverException.Failed;
import io.juicebox.csi.status.DriverException.Late;
import io.juicebox.csi.status.ReceivedFailure;
import io.juicebox.csi.volume.VolumeId;
import io.juicebox.mountservice.v1.GetVersionRequest;
import io.juicebox.mountservice.v1.MountServiceGrpc;
import io.juicebox.mountservice.v1.MountServiceGrpc.MountServiceBlockingStub;
import io.juicebox.mountservice.v1.RenewRequest;
import io.juicebox.mountservice.v1.UnmountRequest;
import io.juicebox.node.kernel.Deadline;
import io.juicebox.node.mount.KnownMounts;
import io.juicebox.node.mount.Mount;
import io.juicebox.node.mount.MountRequest;
import io.juicebox.node.mount.Mounts;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * The mounts of this node, made by a mount service. What is mounted is read from the files and the
 * mount table that both see, so that it is known while the service is away; all else is a call.
 *
 * <p>A call waits up to 2 s for a service that is away, also for one that goes away during the
 * call: it is then made again, which a repeated call allows. After that it is a {@link
 * BackendUnavailable} that names the mount service.
 */
public final class RemoteMounts implements Mounts, AutoCloseable {
  private static final Duration AWAY = Duration.ofSeconds(2);

  /** For the service to tell why it was late, and to remove what a late mount has left. */
  private static final Duration WORDS = Duration.ofSeconds(5);

  private static final Duration VERSION = Duration.ofSeconds(1);

  private final KnownMounts known;
  private final ServiceConnection connection;

  /**
   * Connects with the first call.
   *
   * @param known the mounts below the service's state directory
   */
  public RemoteMounts(ServiceSockets sockets, KnownMounts known) {
    this.known = known;
    this.connection = new ServiceConnection(sockets.calls());
  }

  @Override
  public Mount ensure(MountRequest request) {
    return call(
        request.deadline(),
        service -> MountMessages.mount(service.mount(MountMessages.message(request)).getMount()));
  }

  @Override
  public void renew(MountRequest request) {
    var _ =
        call(
            request.deadline(),
            service ->
                service.renew(
                    RenewRequest.newBuilder().setMount(MountMessages.message(request)).build()));
  }

  @Override
  public Optional<Mount> find(VolumeId volume) {
    return known.find(volume);
  }

  @Override
  public List<Mount> list() {
    return known.list();
  }

  @Override
  public List<VolumeId> remains() {
    return known.remains();
  }

  @Override
  public Path mountPoint(VolumeId volume) {
    return known.mountPoint(volume);
  }

  /** As the interface says; of a volume that has nothing here the service isn't asked. */
  @Override
  public void release(VolumeId volume, Deadline deadline) {
    if (known.find(volume).isEmpty() && !known.remains().contains(volume)) {
      return;
    }
    var _ =
        call(
            deadline,
            service ->
                service.unmount(
                    UnmountRequest.newBuilder()
                        .setVolumeId(volume.value())
                        .setTimeout(Times.message(deadline.remaining()))
                        .build()));
  }

  /**
   * Tells a listener how the mounts are, for as long as it wants; whenever the service was away it
   * tells of all again. The listener is called by one thread.
   */
  public HealthSubscription follow(HealthListener listener) {
    return HealthSubscription.begin(connection, listener);
  }

  /** Why the service can't be used now, a line; empty when it can. Blocks for a second at most. */
  public String unready() {
    try {
      return version().unready();
    } catch (DriverException e) {
      return e.getMessage() + "\n";
    }
  }

  private ServiceVersion version() {
    connection.await(VERSION);
    try {
      var answer = stub(VERSION, Duration.ZERO).getVersion(GetVersionRequest.getDefaultInstance());
      return new ServiceVersion(
          answer.getContract(), answer.getProgram(), answer.getJuicefs(), answer.getProblem());
    } catch (StatusRuntimeException e) {
      throw failure(e, VERSION);
    }
  }

  private <T> T call(Deadline deadline, Function<MountServiceBlockingStub, T> rpc) {
    Duration allowed = deadline.remaining();
    while (true) {
      connection.await(deadline.remaining(AWAY));
      if (deadline.passed()) {
        throw new Late("the call of the mount service", allowed);
      }
      try {
        return rpc.apply(stub(deadline.remaining(), WORDS));
      } catch (StatusRuntimeException e) {
        DriverException failure = failure(e, allowed);
        if (!wasCutOff(e)) {
          throw failure;
        }
      }
    }
  }

  private MountServiceBlockingStub stub(Duration limit, Duration more) {
    return MountServiceGrpc.newBlockingStub(connection.channel())
        .withDeadlineAfter(limit.plus(more).toNanos(), TimeUnit.NANOSECONDS);
  }

  private static boolean wasCutOff(StatusRuntimeException e) {
    return e.getStatus().getCode() == Status.Code.UNAVAILABLE && ReceivedFailure.of(e).isEmpty();
  }

  /** What the service failed with in its own words, else what gRPC says of the call. */
  private static DriverException failure(StatusRuntimeException e, Duration allowed) {
    return ReceivedFailure.of(e)
        .orElseGet(() ->
            switch (e.getStatus().getCode()) {
              case UNAVAILABLE -> ServiceConnection.away("the connection ended");
              case DEADLINE_EXCEEDED -> new Late("the call of the mount service", allowed);
              case UNIMPLEMENTED ->
                  new Failed("the mount service does not know the call: upgrade it");
              default -> new Failed("the mount service failed: " + e.getStatus(), e);
            });
  }

  /** Ends the connection; the mounts stay, and subscriptions end first. */
  @Override
  public void close() {
    connection.close();
  }
}
