package io.juicebox.node.kernel;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;

/**
 * One line of {@code /proc/self/mountinfo} (Documentation/filesystems/proc.rst, 3.5).
 *
 * @param device {@code major:minor} of the filesystem: the same for all mounts of one filesystem,
 *     so it tells which publications belong to which mount
 * @param root the path within the filesystem that is mounted here
 * @param mountPoint an absolute path, as text: another program's path need not be one in our locale
 * @param options of this mount alone: ro, nodev, nosuid
 * @param filesystemOptions of the filesystem: the options after the source
 */
public record MountInfo(
    int id,
    int parent,
    String device,
    String root,
    String mountPoint,
    Set<String> options,
    String type,
    String source,
    Set<String> filesystemOptions) {
  private static final String DELETED = "//deleted";

  /** Whether this mount has a flag, whatever its filesystem has. */
  public boolean has(MountFlag flag) {
    return options.contains(flag.option);
  }

  static MountInfo parse(String line) {
    List<String> fields = List.of(line.split(" ", -1));
    int separator = fields.indexOf("-");
    if (separator < 6 || fields.size() < separator + 4) {
      throw new IllegalArgumentException("not a line of mountinfo: " + line);
    }
    return new MountInfo(
        Integer.parseInt(fields.get(0)),
        Integer.parseInt(fields.get(1)),
        fields.get(2),
        withoutDeleted(unescape(fields.get(3))),
        withoutDeleted(unescape(fields.get(4))),
        options(fields.get(5)),
        unescape(fields.get(separator + 1)),
        unescape(fields.get(separator + 2)),
        options(fields.get(separator + 3)));
  }

  private static Set<String> options(String field) {
    return Set.copyOf(List.of(field.split(",")));
  }

  /** The kernel writes {@code //deleted} behind the path of a directory that was deleted. */
  private static String withoutDeleted(String path) {
    return path.endsWith(DELETED) ? path.substring(0, path.length() - DELETED.length()) : path;
  }

  /**
   * Undoes the kernel's escapes: blank, tab, newline, backslash and # stand as three octal digits.
   */
  private static String unescape(String field) {
    if (field.indexOf('\\') < 0) {
      return field;
    }
    byte[] bytes = field.getBytes(StandardCharsets.UTF_8);
    ByteBuffer plain = ByteBuffer.allocate(bytes.length);
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == '\\' && i + 3 < bytes.length) {
        plain.put(
            (byte) Integer.parseInt(new String(bytes, i + 1, 3, StandardCharsets.US_ASCII), 8));
        i += 3;
      } else {
        plain.put(bytes[i]);
      }
    }
    return new String(plain.array(), 0, plain.position(), StandardCharsets.UTF_8);
  }
}
