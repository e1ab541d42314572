package io.juicebox.node.publish;

import io.juicebox.csi.status.DriverException;
import io.juicebox.csi.status.DriverException.InvalidRequest;
import io.juicebox.csi.status.Printable;
import io.juicebox.csi.volume.VolumeId;
import io.juicebox.node.kernel.BoundedCalls;
import io.juicebox.node.kernel.Directory;
import io.juicebox.node.kernel.Kernel;
import io.juicebox.node.kernel.KernelException;
import io.juicebox.node.kernel.MountInfo;
import io.juicebox.node.kernel.MountTable;
import io.juicebox.node.mount.Mount;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;

/**
 * Looks at target paths, makes and removes their directories.
 *
 * <p>A target may lie below a mount that hangs, so what touches it is bounded in time; what is
 * mounted at it is learnt from the mount table without touching it.
 */
public final class Targets {
  private static final String FILESYSTEM_TYPE = "fuse.juicefs";

  private final Kernel kernel;
  private final BoundedCalls calls;
  private final Publications publications;
  private final List<Path> own;
  private final Duration limit;

  /**
   * @param own directories of the driver, where no target may lie
   * @param limit of each look at the filesystem
   */
  public Targets(
      Kernel kernel,
      BoundedCalls calls,
      Publications publications,
      List<Path> own,
      Duration limit) {
    this.kernel = kernel;
    this.calls = calls;
    this.publications = publications;
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
            .orElseGet(
                () -> mounted(spot.table().at(place).orElseThrow(), mount, recorded.isPresent()));
    Map<Path, Arguments> others =
        switch (state) {
          case TargetState.Absent _, TargetState.EmptyDirectory _, TargetState.Stale _ ->
              others(place, spot.table(), publications.of(volume));
          case TargetState.Bound _,
              TargetState.Foreign _,
              TargetState.FilledDirectory _,
              TargetState.NotADirectory _,
              TargetState.ParentAbsent _ ->
              Map.of();
        };
    return new Sight(place, state, mount, recorded, others);
  }

  /**
   * What the filesystem and the mount table tell of a target, together.
   *
   * @param unmounted what is there where nothing is mounted: what is mounted is not touched
   */
  private record Spot(Path place, MountTable table, Optional<TargetState> unmounted) {}

  private Spot spot(TargetPath target, Optional<Path> cache) throws IOException {
    Optional<Path> parent = realParent(target);
    Path place = parent.map(target::in).orElse(target.path());
    if (own.stream().anyMatch(place::startsWith)
        || cache.map(Targets::real).filter(place::startsWith).isPresent()) {
      throw new InvalidRequest("target_path", "lies in the driver's own directory");
    }
    MountTable table = kernel.mounts();
    if (parent.isEmpty()) {
      return new Spot(place, table, Optional.of(new TargetState.ParentAbsent()));
    }
    boolean isMounted = table.at(place).isPresent();
    return new Spot(place, table, isMounted ? Optional.empty() : Optional.of(unmounted(place)));
  }

  /** Whether a mount is bound at a path now. */
  boolean isBound(VolumeId volume, TargetPath path, Mount mount) {
    return bounded(volume, path, () -> realParent(path))
        .flatMap(parent -> kernel.mounts().at(path.in(parent)))
        .filter(top -> top.device().equals(mount.device()))
        .isPresent();
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
            if (unmounted(same) instanceof TargetState.EmptyDirectory) {
              Files.deleteIfExists(same);
            }
          } catch (DirectoryNotEmptyException e) {
            // somebody was quicker: what is there is not ours
          }
          return place;
        });
  }

  private static Map<Path, Arguments> others(
      Path place, MountTable table, List<Publication> known) {
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

  private static boolean isJuicefs(MountInfo mount) {
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

  private static Optional<Path> realParent(TargetPath target) throws IOException {
    try {
      Path parent = target.parent().toRealPath();
      return Files.isDirectory(parent) ? Optional.of(parent) : Optional.empty();
    } catch (NoSuchFileException | NotDirectoryException e) {
      return Optional.empty();
    }
  }

  private static TargetState unmounted(Path place) throws IOException {
    BasicFileAttributes attributes;
    try {
      attributes =
          Files.readAttributes(place, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException e) {
      return new TargetState.Absent();
    }
    if (attributes.isSymbolicLink()) {
      return new TargetState.NotADirectory("a symbolic link");
    }
    if (!attributes.isDirectory()) {
      return new TargetState.NotADirectory("a file");
    }
    try (var entries = Files.newDirectoryStream(place)) {
      return entries.iterator().hasNext()
          ? new TargetState.FilledDirectory()
          : new TargetState.EmptyDirectory();
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
    return parent.path().resolve(place.subpath(place.getNameCount() - 1, place.getNameCount()));
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
