package io.juicebox.csi.volume;

import io.juicebox.csi.status.DriverException.InvalidRequest;
import io.juicebox.csi.status.Printable;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * The mount options of a PersistentVolume, checked against a list of what is allowed.
 *
 * @param flags kernel flags of a publication's bind mount; {@code nodev} and {@code nosuid} unless
 *     {@code dev} and {@code suid} were asked for
 * @param juicefs options of the juicefs process without their leading hyphens, each with its value
 *     or an empty text
 */
public record MountOptions(Set<Flag> flags, SortedMap<String, String> juicefs) {
  private static final String FIELD = "volume_capability.mount.mount_flags";

  /** A per-mount flag of the kernel. */
  public enum Flag {
    NODEV,
    NOSUID,
    NOEXEC,
    NOATIME
  }

  private static final Pattern NUMBER = Pattern.compile("\\d{1,9}");
  private static final Pattern SECONDS = Pattern.compile("\\d{1,6}(\\.\\d{1,3})?s?");
  private static final Pattern NOTHING = Pattern.compile("");

  /** JuiceFS's own options that a user may set, with the shape of their values. */
  private static final Map<String, Pattern> JUICEFS =
      Map.ofEntries(
          Map.entry("atime-mode", Pattern.compile("noatime|relatime|strictatime")),
          Map.entry("attr-cache", SECONDS),
          Map.entry("cache-partial-only", NOTHING),
          Map.entry("dir-entry-cache", SECONDS),
          Map.entry("entry-cache", SECONDS),
          Map.entry("free-space-ratio", Pattern.compile("0?\\.\\d{1,3}")),
          Map.entry("get-timeout", SECONDS),
          Map.entry("io-retries", NUMBER),
          Map.entry("max-downloads", NUMBER),
          Map.entry("max-readahead", NUMBER),
          Map.entry("max-uploads", NUMBER),
          Map.entry("negative-entry-cache", SECONDS),
          Map.entry("open-cache", SECONDS),
          Map.entry("open-cache-limit", NUMBER),
          Map.entry("prefetch", NUMBER),
          Map.entry("put-timeout", SECONDS),
          Map.entry("readdir-cache", NOTHING),
          Map.entry("verify-cache-checksum", Pattern.compile("none|full|shrink|extend")),
          Map.entry("writeback", NOTHING));

  /** What a publication without any option has. */
  public static MountOptions none() {
    return from(Set.of(), false);
  }

  /**
   * Reads mount flags; each may hold several options with commas between them.
   *
   * @throws InvalidRequest naming the option, and listing the valid ones when it is unknown
   */
  public static MountOptions from(Collection<String> mountFlags, boolean allowWriteback) {
    var flags = EnumSet.of(Flag.NODEV, Flag.NOSUID);
    var juicefs = new TreeMap<String, String>();
    for (String group : mountFlags) {
      for (String option : group.split(",", -1)) {
        if (!readFlag(option, flags)) {
          readJuicefs(option, juicefs);
        }
      }
    }
    if (juicefs.containsKey("writeback") && !allowWriteback) {
      throw new InvalidRequest(
          FIELD,
          "has writeback, which can lose data that was fsynced;"
              + " it needs the StorageClass parameter allowWriteback: \"true\"");
    }
    return new MountOptions(
        Collections.unmodifiableSet(flags), Collections.unmodifiableSortedMap(juicefs));
  }

  private static boolean readFlag(String option, Set<Flag> flags) {
    switch (option) {
      case "nodev" -> flags.add(Flag.NODEV);
      case "nosuid" -> flags.add(Flag.NOSUID);
      case "noexec" -> flags.add(Flag.NOEXEC);
      case "noatime" -> flags.add(Flag.NOATIME);
      case "dev" -> flags.remove(Flag.NODEV);
      case "suid" -> flags.remove(Flag.NOSUID);
      case "exec" -> flags.remove(Flag.NOEXEC);
      case "rw" -> {} // what a publication is unless it is asked to be read-only
      case "ro" ->
          throw new InvalidRequest(
              FIELD, "has ro: ask for a read-only publication (readOnly: true) instead");
      default -> {
        return false;
      }
    }
    return true;
  }

  private static void readJuicefs(String option, SortedMap<String, String> juicefs) {
    int equals = option.indexOf('=');
    String name = equals < 0 ? option : option.substring(0, equals);
    String value = equals < 0 ? "" : option.substring(equals + 1);
    Pattern shape = JUICEFS.get(name);
    if (shape == null) {
      var valid = new TreeSet<>(JUICEFS.keySet());
      valid.addAll(Set.of("nodev", "dev", "nosuid", "suid", "noexec", "exec", "noatime", "rw"));
      throw new InvalidRequest(
          FIELD,
          "has the unknown option %s; valid are: %s"
              .formatted(Printable.of(option), String.join(", ", valid)));
    }
    if (!shape.matcher(value).matches()) {
      throw new InvalidRequest(
          FIELD, "has %s with a value that it does not take".formatted(Printable.of(option)));
    }
    if (juicefs.containsKey(name) && !value.equals(juicefs.get(name))) {
      throw new InvalidRequest(FIELD, "has %s with two values".formatted(name));
    }
    juicefs.put(name, value);
  }
}
