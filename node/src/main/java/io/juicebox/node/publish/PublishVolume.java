package io.juicebox.node.publish;

import io.juicebox.csi.ops.Steps;
import io.juicebox.csi.status.DriverException.Failed;
import io.juicebox.csi.status.DriverException.PreconditionFailed;
import io.juicebox.csi.status.Printable;
import io.juicebox.csi.volume.MountOptions;
import io.juicebox.node.claim.Claims;
import io.juicebox.node.kernel.Deadline;
import io.juicebox.node.kernel.Directory;
import io.juicebox.node.kernel.Kernel;
import io.juicebox.node.kernel.KernelException;
import io.juicebox.node.kernel.MountFlag;
import io.juicebox.node.kernel.MountInfo;
import io.juicebox.node.mount.Mount;
import io.juicebox.node.mount.MountRequest;
import io.juicebox.node.mount.Mounts;
import io.juicebox.node.proof.Proof;
import io.juicebox.node.proof.Session;
import io.juicebox.node.proof.VolumeBackend;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Publishes a volume at a target path: mounts it on this node if it is not, and binds the mount at
 * the target. A call that returns has read the volume's metadata and its owner object with the
 * credentials of this very call, and its mount has answered as this volume.
 *
 * <p>May be repeated. A call that fails takes back what it did; one that is cut off leaves what the
 * next call, an unpublish or {@link UnusedMounts} takes up.
 */
public final class PublishVolume {
  private final String host;
  private final Claims claims;
  private final Kernel kernel;
  private final Mounts mounts;
  private final VolumeBackend backend;
  private final Targets targets;
  private final Publications publications;
  private final UnusedMounts unused;
  private final RootGroup rootGroup;
  private final Steps steps;

  /**
   * @param host of this node's JuiceFS sessions
   */
  public PublishVolume(
      String host,
      Claims claims,
      Kernel kernel,
      Mounts mounts,
      VolumeBackend backend,
      Targets targets,
      Publications publications,
      UnusedMounts unused,
      RootGroup rootGroup,
      Steps steps) {
    this.host = host;
    this.claims = claims;
    this.kernel = kernel;
    this.mounts = mounts;
    this.backend = backend;
    this.targets = targets;
    this.publications = publications;
    this.unused = unused;
    this.rootGroup = rootGroup;
    this.steps = steps;
  }

  /**
   * Publishes.
   *
   * @throws io.juicebox.csi.status.DriverException saying what is wrong and what to do
   */
  public void publish(PublishRequest request, Deadline deadline) {
    try (var _ = claims.claim(request.volume().value());
        var _ = claims.claim(request.target().toString())) {
      Proof proof = backend.prove(request.arguments().context(), request.backend());
      Optional<Mount> before = mounts.find(request.volume());
      Sight sight = look(request, before);
      plan(request, sight);
      var undo = new Undo();
      try {
        Mount mount = provenMount(request, proof, before, deadline, undo);
        boolean same = before.filter(mount::equals).isPresent();
        Optional<Proof> second = secondLook(request, before, mount);
        bind(request, mount, same ? sight : look(request, Optional.of(mount)), undo);
        second.ifPresent(again -> admitted(request, again));
      } catch (KernelException e) {
        undo.run(e);
        throw new Failed(
            "can't publish volume %s at target_path %s: %s"
                .formatted(request.volume(), request.target(), e.getMessage()),
            e);
      } catch (RuntimeException e) {
        undo.run(e);
        throw e;
      }
    }
  }

  /** A mount that is there is asked while the backends are; one that isn't waits for the proof. */
  private Mount provenMount(
      PublishRequest request, Proof proof, Optional<Mount> before, Deadline deadline, Undo undo) {
    if (before.isEmpty()) {
      admit(request, proof);
      return mount(request, before, deadline, undo);
    }
    Mount mount = mount(request, before, deadline, undo);
    admit(request, proof);
    mounts.renew(mountRequest(request, deadline));
    return mount;
  }

  private void admit(PublishRequest request, Proof proof) {
    admitted(request, proof);
    steps.reached(PublishStep.PROVEN);
  }

  private Mount mount(
      PublishRequest request, Optional<Mount> before, Deadline deadline, Undo undo) {
    var arguments = request.arguments();
    undo.push(() -> unused.release(request.volume()));
    if (before
        .filter(known -> !known.options().equals(arguments.options().juicefs()))
        .isPresent()) {
      unused.release(request.volume()); // a call that was cut off left it, with other options
    }
    Mount mount = mounts.ensure(mountRequest(request, deadline));
    steps.reached(PublishStep.MOUNTED);
    return mount;
  }

  private static MountRequest mountRequest(PublishRequest request, Deadline deadline) {
    var arguments = request.arguments();
    return new MountRequest(
        request.volume(), arguments.context(), request.backend(), arguments.options(), deadline);
  }

  /**
   * Looks again at the volume's metadata while its new mount is bound. Two nodes may have begun at
   * once, and now each sees the other's session; or the volume was deleted between the proof and
   * the mount, and now its metadata is gone.
   */
  private Optional<Proof> secondLook(PublishRequest request, Optional<Mount> before, Mount mount) {
    boolean started = before.filter(known -> known.pid() == mount.pid()).isEmpty();
    return started
        ? Optional.of(backend.proveMetadata(request.arguments().context(), request.backend()))
        : Optional.empty();
  }

  private void bind(PublishRequest request, Mount mount, Sight sight, Undo undo) {
    List<PublishPlan.Step> plan = plan(request, sight);
    record(request, sight, undo);
    steps.reached(PublishStep.NOTED);
    for (PublishPlan.Step step : plan) {
      take(step, request, mount, sight.place(), undo);
    }
  }

  private void record(PublishRequest request, Sight sight, Undo undo) {
    if (sight.recorded().filter(request.arguments()::equals).isEmpty()) {
      undo.push(() -> publications.remove(request.volume(), sight.place()));
      publications.put(new Publication(request.volume(), sight.place(), request.arguments()));
    }
  }

  private void take(
      PublishPlan.Step step, PublishRequest request, Mount mount, Path place, Undo undo) {
    switch (step) {
      case DETACH_STALE ->
          targets.detach(request.volume(), request.target(), place, Targets::isJuicefs);
      case CREATE_DIRECTORY -> {
        undo.push(() -> targets.remove(request.volume(), request.target(), place));
        targets.create(request.volume(), request.target(), place);
        steps.reached(PublishStep.TARGET_CREATED);
      }
      case SET_GROUP -> {
        request.arguments().newGroup().ifPresent(group -> rootGroup.give(mount, group));
        steps.reached(PublishStep.GROUP_SET);
      }
      case BIND -> {
        bindAt(request, mount, place, undo);
        steps.reached(PublishStep.BOUND);
        requireBound(request, mount);
      }
    }
  }

  private void bindAt(PublishRequest request, Mount mount, Path place, Undo undo) {
    Set<Integer> before = bound(mount).map(MountInfo::id).collect(Collectors.toSet());
    // Where it is now, should its directory have been renamed meanwhile.
    undo.push(() ->
        bound(mount)
            .filter(known -> !before.contains(known.id()))
            .forEach(fresh -> detach(request, fresh)));
    try (Directory target = targets.open(request.volume(), request.target(), place)) {
      kernel.bind(mount.directory(), target.path(), flags(request.arguments()));
    }
  }

  private void detach(PublishRequest request, MountInfo fresh) {
    targets.detach(
        request.volume(),
        request.target(),
        Path.of(fresh.mountPoint()),
        found -> found.id() == fresh.id());
  }

  private Stream<MountInfo> bound(Mount mount) {
    return kernel.mounts().ofDevice(mount.device());
  }

  /** Where juicefs has ended meanwhile, the placeholder under its mount was bound. */
  private void requireBound(PublishRequest request, Mount mount) {
    if (!targets.isBound(mount.volume(), request.target(), mount)) {
      throw new Failed(
          "the mount of volume %s went away while it was published, call again"
              .formatted(mount.volume()));
    }
  }

  private Sight look(PublishRequest request, Optional<Mount> mount) {
    Optional<Path> cache =
        request
            .arguments()
            .context()
            .mount()
            .cacheDir()
            .map(caches -> caches.resolve(request.volume().value()));
    return targets.look(request.volume(), request.target(), mount, cache);
  }

  private static List<PublishPlan.Step> plan(PublishRequest request, Sight sight) {
    return switch (PublishPlan.decide(
        request.target(), sight.state(), sight.recorded(), request.arguments(), sight.others())) {
      case PublishPlan.Take(var steps) -> steps;
      case PublishPlan.Refuse(var why) -> throw why;
    };
  }

  /**
   * Waits for the proof, and refuses a volume for one node that another client has. Those of this
   * node are at the one mount point that it has for the volume. A session does not tell whether its
   * node may write, so that a second writer of MULTI_NODE_SINGLE_WRITER is not seen.
   *
   * @throws PreconditionFailed naming the host that has it
   */
  private void admitted(PublishRequest request, Proof proof) {
    List<Session> sessions = proof.sessions();
    if (request.arguments().mode().singleNode()) {
      Path own = mounts.mountPoint(request.volume());
      sessions.stream()
          .filter(session -> !session.isOf(host, own))
          .findFirst()
          .ifPresent(PublishVolume::refuse);
    }
  }

  private static void refuse(Session foreign) {
    throw new PreconditionFailed(
        ("the volume is for one node at a time and host %s has it mounted at %s (process %d);"
                + " unpublish it there, or wait: a dead host's session expires within 60 s")
            .formatted(
                Printable.of(foreign.host()), Printable.of(foreign.mountPoint()), foreign.pid()));
  }

  private static Set<MountFlag> flags(Arguments arguments) {
    var flags = EnumSet.noneOf(MountFlag.class);
    for (MountOptions.Flag flag : arguments.options().flags()) {
      flags.add(
          switch (flag) {
            case NODEV -> MountFlag.NODEV;
            case NOSUID -> MountFlag.NOSUID;
            case NOEXEC -> MountFlag.NOEXEC;
            case NOATIME -> MountFlag.NOATIME;
          });
    }
    if (arguments.refusesWrites()) {
      flags.add(MountFlag.READ_ONLY);
    }
    return flags;
  }
}
