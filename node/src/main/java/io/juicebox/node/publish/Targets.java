package io.juicebox.node.publish;

import io.juicebox.csi.status.DriverException;
import io.juicebox.csi.status.DriverException.InvalidRequest;
import io.juicebox.csi.status.Printable;
import io.juicebox.csi.volume.VolumeId;
import io.juicebox.node.kernel.BoundedCalls;
import io.juicebox.node.kernel.Directory;
import io.juicebox.node.kernel.Errno;
import io.juicebox.node.kernel.Kernel;
import io.juicebox.node.kernel.KernelException;
import io.juicebox.node.kernel.MountInfo;
import io.juicebox.node.kernel.MountTable;
import io.juicebox.node.mount.Mount;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Predicate;

/**
 * Looks at target paths, makes and removes their directories.
 *
 * <p>A target may lie below a mount that hangs, so what touches it is bounded in time; what is
 * mounted at it is learnt from the mount table without touching it.
 */
public final class Targets {
  private static final String FILESYSTEM_TYPE = "fuse.juicefs";

  /** Of a path that leads to no directory. */
  private static final Set<Errno> NO_DIRECTORY = Set.of(Errno.ENOENT, Errno.ENOTDIR, Errno.ELOOP);

  private final Kernel kernel;
  private final BoundedCalls calls;
  private final Publications publications;
  private final Path root;
  private final List<Path> own;
  private final Duration limit;

  /**
   * @param root the CO's directory for targets, the kubelet's: it may be a symbolic link or lie
   *     behind one. Nothing below it may, nor a target that lies elsewhere: who could plant one
   *     there would say where a volume appears
   * @param own directories of the driver, where no target may lie
   * @param limit of each look at the filesystem
   */
  public Targets(
      Kernel kernel,
      BoundedCalls calls,
      Publications publications,
      Path root,
      List<Path> own,
      Duration limit) {
    this.kernel = kernel;
    this.calls = calls;
    this.publications = publications;
    this.root = root;
    this.own = own.stream().map(Targets::real).toList();
    this.limit = limit;
  }

  /**
   * What is there now.
   *
   * @param mount the volume's mount, as it was found or made just before
   * @param cache the volume's cache where it has a place of its own: no target may lie there
   */
  Sight look(VolumeId volume, TargetPath target, Optional<Mount> mount, Optional<Path> cache) {
    Spot spot = bounded(volume, target, () -> spot(target, cache));
    Path place = spot.place();
    Optional<Arguments> recorded = publications.at(volume, place);
    TargetState state =
        spot.unmounted()
            .orElseGet(() -> mounted(spot.top().orElseThrow(), mount, recorded.isPresent()));
    Map<Path, Arguments> others =
        switch (state) {
          case TargetState.Absent _, TargetState.EmptyDirectory _, TargetState.Stale _ ->
              others(place, publications.of(volume));
          case TargetState.Bound _,
              TargetState.BehindALink _,
              TargetState.Foreign _,
              TargetState.FilledDirectory _,
              TargetState.NotADirectory _,
              TargetState.ParentAbsent _ ->
              Map.of();
        };
    return new Sight(place, state, mount, recorded, others);
  }

  /**
   * What is at a target.
   *
   * @param top the topmost of what is mounted there
   * @param unmounted what is there where nothing is mounted: what is mounted is not touched
   */
  private record Spot(Path place, Optional<MountInfo> top, Optional<TargetState> unmounted) {}

  private Spot spot(TargetPath target, Optional<Path> cache) throws IOException {
    Path place = place(target);
    if (own.stream().anyMatch(place::startsWith)
        || cache.map(Targets::real).filter(place::startsWith).isPresent()) {
      throw new InvalidRequest("target_path", "lies in the driver's own directory");
    }
    Directory parent;
    try {
      parent = kernel.open(parentOf(place));
    } catch (KernelException e) {
      return new Spot(place, Optional.empty(), Optional.of(withoutParent(e)));
    }
    try (parent) {
      Optional<MountInfo> top = top(parent, place);
      return new Spot(
          place,
          top,
          top.isPresent()
              ? Optional.empty()
              : Optional.of(TargetState.unmounted(in(parent, place))));
    }
  }

  private static TargetState withoutParent(KernelException e) {
    if (e.errno().equals(Errno.ELOOP)) {
      return new TargetState.BehindALink();
    }
    if (NO_DIRECTORY.contains(e.errno())) {
      return new TargetState.ParentAbsent();
    }
    throw e;
  }

  /** The target with the CO's directory resolved. */
  private Path place(TargetPath target) {
    Path path = target.path();
    return path.startsWith(root) ? real(root).resolve(root.relativize(path)).normalize() : path;
  }

  /**
   * What is mounted at a place, told by the directory that is there and not by the name, which may
   * come to mean another one.
   */
  private Optional<MountInfo> top(Directory parent, Path place) {
    try (Directory found = kernel.open(parent, name(place))) {
      int mount = found.mountId();
      return mount == parent.mountId()
          ? Optional.empty()
          : Optional.of(kernel.mounts().withId(mount).orElseThrow(() -> changed(place)));
    } catch (KernelException e) {
      if (NO_DIRECTORY.contains(e.errno())) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private static DriverException.Failed changed(Path place) {
    return new DriverException.Failed("%s changed meanwhile, call again".formatted(place));
  }

  /** Whether a mount is bound at a path now. */
  boolean isBound(VolumeId volume, TargetPath path, Mount mount) {
    return bounded(volume, path, () -> spot(path, Optional.empty()))
        .top()
        .filter(top -> top.device().equals(mount.device()))
        .isPresent();
  }

  /** What became of an attempt to unmount. */
  enum Unmounted {
    DONE,
    IN_USE,
    NOT_THERE
  }

  /** Takes the topmost mount off a target, if it is one of this mount. */
  Unmounted unmount(TargetPath target, Path place, Mount mount) {
    return bounded(
        mount.volume(),
        target,
        () -> {
          try (Directory parent = kernel.open(parentOf(place))) {
            if (top(parent, place).filter(top -> top.device().equals(mount.device())).isEmpty()) {
              return Unmounted.NOT_THERE;
            }
            kernel.unmount(in(parent, place));
            return Unmounted.DONE;
          } catch (KernelException e) {
            if (e.errno().equals(Errno.EBUSY)) {
              return Unmounted.IN_USE;
            }
            throw e;
          }
        });
  }

  /** Detaches what is mounted at a place, if it is what is meant. */
  void detach(VolumeId volume, TargetPath target, Path place, Predicate<MountInfo> meant) {
    bounded(
        volume,
        target,
        () -> {
          try (Directory top = kernel.open(place)) {
            if (kernel.mounts().withId(top.mountId()).filter(meant).isPresent()) {
              kernel.detach(top);
            }
          }
          return place;
        });
  }

  /** Makes a target's directory; the parent is there. */
  void create(VolumeId volume, TargetPath target, Path place) {
    bounded(
        volume,
        target,
        () -> {
          try (Directory parent = kernel.open(parentOf(place))) {
            return Files.createDirectory(
                in(parent, place),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-x---")));
          }
        });
  }

  /**
   * Opens what is at a target, to mount on it: a symbolic link that is put there or for its parent
   * meanwhile can't lead the mount elsewhere.
   */
  Directory open(VolumeId volume, TargetPath target, Path place) {
    return bounded(volume, target, () -> kernel.open(place));
  }

  /** Removes a target's directory if it is an empty one; what is in it stays. */
  void remove(VolumeId volume, TargetPath target, Path place) {
    bounded(
        volume,
        target,
        () -> {
          try (Directory parent = kernel.open(parentOf(place))) {
            Path same = in(parent, place);
            if (TargetState.unmounted(same) instanceof TargetState.EmptyDirectory) {
              Files.deleteIfExists(same);
            }
          } catch (DirectoryNotEmptyException e) {
            // somebody was quicker: what is there is not ours
          }
          return place;
        });
  }

  private Map<Path, Arguments> others(Path place, List<Publication> known) {
    MountTable table = kernel.mounts();
    var others = new HashMap<Path, Arguments>();
    for (Publication publication : known) {
      Path other = publication.target();
      if (!other.equals(place) && table.at(other).filter(Targets::isJuicefs).isPresent()) {
        others.put(other, publication.arguments());
      }
    }
    return others;
  }

  private static TargetState mounted(MountInfo top, Optional<Mount> mount, boolean recorded) {
    if (mount.filter(ours -> ours.device().equals(top.device())).isPresent()) {
      return new TargetState.Bound(top.options());
    }
    if (recorded && isJuicefs(top)) {
      return new TargetState.Stale();
    }
    return new TargetState.Foreign(Printable.of(top.type()), Printable.of(top.source()));
  }

  static boolean isJuicefs(MountInfo mount) {
    return mount.type().equals(FILESYSTEM_TYPE);
  }

  /** A path without symbolic links; what is not there yet stays as it is. */
  private static Path real(Path path) {
    try {
      return path.toRealPath();
    } catch (IOException e) {
      Path parent = path.getParent();
      return parent == null ? path : real(parent).resolve(parent.relativize(path));
    }
  }

  private static Path parentOf(Path place) {
    Path parent = place.getParent();
    if (parent == null) {
      throw new AssertionError(place);
    }
    return parent;
  }

  /** The place, reached through its parent directory as it was opened. */
  private static Path in(Directory parent, Path place) {
    return parent.path().resolve(name(place));
  }

  private static Path name(Path place) {
    return place.subpath(place.getNameCount() - 1, place.getNameCount());
  }

  private <T> T bounded(VolumeId volume, TargetPath target, Callable<T> look) {
    try {
      return calls.call(volume, "a look at target_path " + target, limit, look);
    } catch (UncheckedIOException e) {
      throw failed(target, Printable.of(String.valueOf(e.getCause())), e);
    } catch (KernelException e) {
      throw failed(target, String.valueOf(e.getMessage()), e);
    }
  }

  private static DriverException.Failed failed(TargetPath target, String why, Exception e) {
    return new DriverException.Failed("target_path %s can't be used: %s".formatted(target, why), e);
  }
}
