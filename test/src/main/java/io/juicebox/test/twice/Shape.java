package io.juicebox.test.twice;

import io.juicebox.test.stack.Inventory;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What exists of one volume, with placeholders for what differs from volume to volume: two volumes
 * in the same state have the same shape.
 */
final class Shape {
  private static final Pattern UUID =
      Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");
  private static final Pattern NUMBER = Pattern.compile("\\bnumber=(\\d+)");
  private static final Pattern NUMBER_IN_CONTEXT = Pattern.compile("\"number\":\"\\d+\"");

  /** The node names its file of a publication by a digest of the target. */
  private static final Pattern DIGEST = Pattern.compile("\\b[0-9a-f]{32}\\b");

  /** How many there are, and which are read-only, is checked by those tests that change it. */
  private static final Pattern TARGET = Pattern.compile("targets/<name>-target(-\\d+)?");

  private static final Pattern MODE =
      Pattern.compile("(?<=^mount fuse.juicefs )r[ow](?= <target>)");

  /** What differs from copy to copy: its place in the lineage, what its source had, and when. */
  private static final Pattern CUT = Pattern.compile("\\b(member=|nextSlice=|created=)[^,}]+");

  /** Of a snapshot or a copy. */
  private static final Pattern OTHER_ID = Pattern.compile("\\bdefault-[a-z0-9]{20}\\b");

  /** The object of a snapshot is called by the call that made it, too. */
  private static final Pattern MAKER = Pattern.compile("(?<=/<other>/)\\d+");

  private static final Pattern HASH = Pattern.compile("\\bpassword=[0-9a-f]{64}");

  /** What was asked for and what it is now: checked by those tests that change it. */
  private static final Pattern CAPACITY = Pattern.compile("\\b(capacity=|required\":)\\d+");

  /**
   * Keys of JuiceFS that come and go while a mount lives: sessions, its counters, the times of its
   * background work.
   */
  private static final Pattern OF_A_MOUNT =
      Pattern.compile(
          "key \\S+ \\S+ (allSessions|sessionInfos|session\\d+|next(inode|session)|usedSpace|totalInodes|last\\w+|"
              + "dir(DataLength|UsedSpace|UsedInodes))");

  /** That it is known to a lineage: from its first copy to its end, and nobody's business. */
  private static final Pattern OF_A_LINEAGE =
      Pattern.compile("(record \\S+ lineage:|relative \\S+ relatives:|listed \\S+ lineages ).*");

  private Shape() {}

  /**
   * The shape of a volume.
   *
   * @param id of a volume with a record in the inventory, else the shape is empty
   */
  static List<String> of(Inventory inventory, String name, String id) {
    var number =
        inventory.things().stream()
            .filter(thing -> thing.startsWith("record ") && thing.contains("volume:" + id + " "))
            .map(NUMBER::matcher)
            .filter(Matcher::find)
            .map(found -> found.group(1))
            .findFirst()
            .orElse("none");
    var own = Pattern.compile("(key \\S+ |number \\S+ )" + number + "(?=\\s|$)");
    return inventory.things().stream()
        .filter(thing -> thing.contains(id) || thing.contains(name) || own.matcher(thing).find())
        .map(thing -> own.matcher(thing).replaceFirst("$1#"))
        .filter(thing -> !OF_A_MOUNT.matcher(thing).matches())
        .filter(thing -> !OF_A_LINEAGE.matcher(thing).matches())
        .map(thing -> withPlaceholders(thing, name, id))
        .distinct()
        .sorted()
        .toList();
  }

  private static String withPlaceholders(String thing, String name, String id) {
    var text = thing.replace(id, "<id>").replace(name, "<name>");
    text = NUMBER.matcher(text).replaceAll("number=#");
    text = NUMBER_IN_CONTEXT.matcher(text).replaceAll("\"number\":\"#\"");
    text = CUT.matcher(text).replaceAll("$1#");
    text = OTHER_ID.matcher(text).replaceAll("<other>");
    text = MAKER.matcher(text).replaceAll("#");
    text = UUID.matcher(text).replaceAll("<uuid>");
    text = TARGET.matcher(text).replaceAll("<target>");
    text = MODE.matcher(text).replaceAll("#");
    text = DIGEST.matcher(text).replaceAll("<digest>");
    text = HASH.matcher(text).replaceAll("password=#");
    return CAPACITY.matcher(text).replaceAll("$1#");
  }
}
