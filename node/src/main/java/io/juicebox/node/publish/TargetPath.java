package io.juicebox.node.publish;

import io.juicebox.csi.status.DriverException.InvalidRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/**
 * An absolute path that the CO named, without {@code .} and repeated slashes. Its last component
 * has a name: it is never the root directory.
 *
 * <p>Nothing is looked at yet: see {@link Targets}.
 */
public record TargetPath(Path path) {
  /** PATH_MAX and NAME_MAX of Linux, without the NUL that the first one counts. */
  private static final int LONGEST_PATH = 4095;

  private static final int LONGEST_NAME = 255;

  /**
   * Checks a path field of a request.
   *
   * @param field the field as the specification spells it
   * @throws InvalidRequest naming the field and what is wrong
   */
  public static TargetPath parse(String field, String text) {
    if (text.isEmpty()) {
      throw new InvalidRequest(field, "is missing");
    }
    if (!text.startsWith("/")) {
      throw new InvalidRequest(field, "is not absolute: it does not begin with a slash");
    }
    if (text.chars().anyMatch(Character::isISOControl)) {
      throw new InvalidRequest(field, "has a control character in it");
    }
    if (text.getBytes(StandardCharsets.UTF_8).length > LONGEST_PATH) {
      throw new InvalidRequest(field, "is longer than %d bytes".formatted(LONGEST_PATH));
    }
    for (String name : text.split("/", -1)) {
      if (name.equals("..")) {
        throw new InvalidRequest(field, "has the component \"..\"");
      }
      if (name.getBytes(StandardCharsets.UTF_8).length > LONGEST_NAME) {
        throw new InvalidRequest(
            field, "has a component that is longer than %d bytes".formatted(LONGEST_NAME));
      }
    }
    return new TargetPath(normal(field, text));
  }

  private static Path normal(String field, String text) {
    Path path;
    try {
      path = Path.of(text).normalize();
    } catch (InvalidPathException e) {
      throw new InvalidRequest(field, "is no path on this node: " + e.getReason());
    }
    if (path.getNameCount() == 0) {
      throw new InvalidRequest(field, "is the root directory");
    }
    return path;
  }

  @Override
  public String toString() {
    return path.toString();
  }
}
