package io.juicebox.test.fork;

import java.util.List;

/** The ways to copy a volume. */
enum Copy {
  SNAPSHOT("CreateSnapshot"),
  CLONE("CreateVolume from a volume"),
  RESTORE("CreateVolume from a snapshot");

  private final String words;

  Copy(String words) {
    this.words = words;
  }

  /** Steps of the controller before the copy is ready, in their order. */
  List<String> steps() {
    return switch (this) {
      case SNAPSHOT -> List.of("snapshot.intent", "snapshot.read", "snapshot.written");
      case CLONE, RESTORE ->
          List.of("create.intent", "create.read", "create.formatted", "create.prepared");
    };
  }

  @Override
  public String toString() {
    return words;
  }
}
