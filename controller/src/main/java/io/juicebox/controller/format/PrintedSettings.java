package io.juicebox.controller.format;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.juicebox.csi.juicefs.Juicefs;
import io.juicebox.csi.volume.FormatParameters;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * Settings that JuiceFS printed, to make those of other volumes of: what one program prints for the
 * same place and parameters differs in the four fields of {@link #OWN} only (JuiceFS 1.4.2,
 * cmd/format.go). For any number of threads.
 */
final class PrintedSettings {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String NAME = "Name";
  private static final String ID = "UUID";
  private static final String BUCKET = "Bucket";
  private static final String CAPACITY = "Capacity";
  private static final List<String> OWN = List.of(NAME, ID, BUCKET, CAPACITY);

  /** Users choose the parameters; one takes about 2 KiB. */
  static final int MOST = 64;

  private final Map<Kind, ObjectNode> kept =
      Collections.synchronizedMap(
          new LinkedHashMap<>(MOST, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<Kind, ObjectNode> longestUnused) {
              return size() > MOST;
            }
          });

  /** What the rest of a setting depends on. */
  private record Kind(Juicefs.Build build, String place, FormatParameters parameters) {
    Kind(Juicefs.Build build, Wanted wanted) {
      this(build, wanted.place(), wanted.parameters());
    }
  }

  /** A filesystem as this program would format it; empty when none of its kind was kept. */
  Optional<NewFilesystem> make(Juicefs.Build build, Wanted wanted) {
    return Optional.ofNullable(kept.get(new Kind(build, wanted)))
        .map(printed -> new NewFilesystem(filled(printed, wanted).toString()));
  }

  private static ObjectNode filled(ObjectNode printed, Wanted wanted) {
    return printed
        .deepCopy()
        .put(NAME, wanted.lineage().value())
        .put(ID, UUID.randomUUID().toString())
        .put(BUCKET, wanted.bucket())
        .put(CAPACITY, wanted.capacity().bytes());
  }

  /** Keeps what this program printed, unless it is not what we know of it. */
  void keep(Juicefs.Build build, Wanted wanted, NewFilesystem printed) {
    parsed(printed)
        .filter(tree -> isAsWanted(tree, wanted))
        .ifPresent(tree -> kept.put(new Kind(build, wanted), tree));
  }

  private static boolean isAsWanted(ObjectNode printed, Wanted wanted) {
    String id = printed.path(ID).asText();
    String rest = printed.deepCopy().remove(OWN).toString();
    return printed.path(NAME).asText().equals(wanted.lineage().value())
        && printed.path(BUCKET).asText().equals(wanted.bucket())
        && printed.path(CAPACITY).asLong() == wanted.capacity().bytes()
        && !id.isEmpty()
        && !rest.contains(id)
        && !rest.contains(wanted.lineage().value());
  }

  private static Optional<ObjectNode> parsed(NewFilesystem printed) {
    try {
      return JSON.readTree(printed.setting()) instanceof ObjectNode tree
          ? Optional.of(tree)
          : Optional.empty();
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }
}
