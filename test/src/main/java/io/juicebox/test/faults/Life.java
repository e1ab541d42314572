package io.juicebox.test.faults;

import io.juicebox.csi.spec.Volume;
import io.juicebox.csi.spec.VolumeCapability.AccessMode.Mode;
import io.juicebox.test.client.Requests;
import io.juicebox.test.server.Command;
import io.juicebox.test.stack.LocalStack;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * What happens to a volume from its creation to its end, whatever is killed meanwhile: a CO that
 * calls again, and an application that begins again after an error.
 */
final class Life {
  private static final Mode MODE = Mode.SINGLE_NODE_MULTI_WRITER;
  private static final long BYTES = 1L << 30;
  private static final Duration IO = Duration.ofSeconds(60);
  private static final int ATTEMPTS = 5;
  private static final Pattern ERROR = Pattern.compile("(?m): ([A-Z][a-z]+[A-Za-z /]*)$");

  private final LocalStack stack;
  private final Persistence calls;
  private final Path original;
  private final Map<String, Integer> errors = new TreeMap<>();

  /**
   * @param original what the application writes, outside of any volume
   */
  Life(LocalStack stack, Persistence calls, Path original) {
    this.stack = stack;
    this.calls = calls;
    this.original = original;
  }

  /** All of it once. */
  void live(String name) {
    var volume = create(name);
    var target = stack.target(name);
    publish(volume, target);
    use(target.resolve("file"));
    unpublish(volume, target);
    delete(volume);
  }

  Volume create(String name) {
    var request = Requests.create(name, BYTES, MODE);
    return calls.call(
        "CreateVolume",
        () -> stack.controller().client().controller().createVolume(request).getVolume());
  }

  void publish(Volume volume, Path target) {
    var request = Requests.publish(volume, target, MODE, stack.secrets());
    var _ =
        calls.call(
            "NodePublishVolume", () -> stack.node().client().node().nodePublishVolume(request));
  }

  void unpublish(Volume volume, Path target) {
    var request = Requests.unpublish(volume, target);
    var _ =
        calls.call(
            "NodeUnpublishVolume", () -> stack.node().client().node().nodeUnpublishVolume(request));
  }

  void delete(Volume volume) {
    var request = Requests.delete(volume);
    var _ =
        calls.call(
            "DeleteVolume", () -> stack.controller().client().controller().deleteVolume(request));
  }

  /** Writes, syncs and reads back. */
  private void use(Path file) {
    for (int attempt = 1; ; attempt++) {
      try {
        var _ =
            Command.run(
                IO,
                List.of(
                    "sh",
                    "-ec",
                    "dd if=\"$0\" of=\"$1\" bs=64k conv=fsync status=none; cmp \"$0\" \"$1\"",
                    original.toString(),
                    file.toString()));
        return;
      } catch (AssertionError e) {
        note(e);
        if (attempt == ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  private synchronized void note(AssertionError failure) {
    var text = String.valueOf(failure.getMessage());
    var found = ERROR.matcher(text).results().map(MatchResult::group).toList();
    for (var error : found.isEmpty() ? List.of(text) : found) {
      errors.merge(error.replaceFirst("^: ", ""), 1, Integer::sum);
    }
  }

  /** What applications saw, in the words of the C library, and how often. */
  synchronized Map<String, Integer> errors() {
    return new TreeMap<>(errors);
  }
}
