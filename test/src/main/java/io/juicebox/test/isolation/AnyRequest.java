package io.juicebox.test.isolation;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.UnknownFieldSet;
import io.juicebox.csi.spec.Volume;
import io.juicebox.test.input.Texts;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Tuple;

/**
 * Generates requests of any type: each field is missing, plausible, nearly so or anything, and now
 * and then there is one that nobody knows.
 *
 * <p>What is plausible goes by the name of the field. Paths that a call may mount at or remove lie
 * below the stack's targets, or where nothing can be made: the driver does what it is told, and
 * these tests run as root. Addresses are local ones, so that no name is looked up.
 */
final class AnyRequest {
  /** Fields with which a request is refused for nothing else. */
  private static final Set<String> RARE =
      Set.of(
          "block",
          "mutable_parameters",
          "mutable_params",
          "volume_content_source",
          "accessibility_requirements",
          "accessible_topology");

  private static final Arbitrary<Long> NUMBERS =
      Arbitraries.frequencyOf(
          Tuple.of(6, Arbitraries.of(0L, 1L, 1L << 20, 64L << 20, (64L << 20) + 1, 1L << 40)),
          Tuple.of(1, Arbitraries.of(-1L, Long.MIN_VALUE, Long.MAX_VALUE, (1L << 60) + 1)),
          Tuple.of(1, Arbitraries.longs()));

  private final Map<String, Arbitrary<String>> texts;
  private final Map<String, Map<String, Arbitrary<String>>> maps;

  /**
   * @param volumes whose ids requests may have, and the context of the first
   * @param targets a directory
   * @param keys of the backend
   */
  AnyRequest(List<Volume> volumes, Path targets, Map<String, String> keys) {
    var ids =
        Arbitraries.frequency(
            Tuple.of(4, volumes.getFirst().getVolumeId()),
            Tuple.of(2, volumes.getLast().getVolumeId()),
            Tuple.of(1, "default-00000000000000000000"),
            Tuple.of(1, "elsewhere-00000000000000000000"));
    Arbitrary<String> paths = paths(targets);
    texts =
        Map.of(
            "volume_id", ids,
            "starting_token", ids,
            "name", Arbitraries.of("pvc-1", "pvc-2", "\u00e9"),
            "target_path", paths,
            "volume_path", paths,
            "staging_target_path", paths,
            "fs_type", Arbitraries.of("juicefs", "ext4"),
            "mount_flags", Arbitraries.of("noatime", "attr-cache=1", "ro", "writeback"),
            "volume_mount_group", Arbitraries.of("0", "2000"));
    maps =
        Map.of(
            "parameters", parameters(),
            "secrets", just(keys),
            "volume_context", just(volumes.getFirst().getVolumeContextMap()));
  }

  private static Map<String, Arbitrary<String>> just(Map<String, String> values) {
    var map = new HashMap<String, Arbitrary<String>>();
    values.forEach((key, value) ->
        map.put(
            key,
            key.contains("address") || key.contains("endpoint")
                ? Arbitraries.just(value)
                : Arbitraries.frequencyOf(
                    Tuple.of(20, Arbitraries.just(value)),
                    Tuple.of(1, Texts.near(Arbitraries.just(value))),
                    Tuple.of(1, Texts.any()))));
    return Map.copyOf(map);
  }

  private static Map<String, Arbitrary<String>> parameters() {
    return Map.of(
        "backend", Arbitraries.of("default", "none"),
        "blockSize", Arbitraries.of("1Mi", "3Mi"),
        "bucketMode", Arbitraries.of("shared"),
        "compression", Arbitraries.of("lz4", "zstd"),
        "inodes", Arbitraries.of("1000", "1"),
        "mode", Arbitraries.of("0770", "9"),
        "trashDays", Arbitraries.of("0", "1"),
        "csi.storage.k8s.io/pvc/name", Arbitraries.of("data"),
        "csi.storage.k8s.io/pvc/namespace", Texts.any());
  }

  /** Never a place outside of the targets where something could be made. */
  private static Arbitrary<String> paths(Path targets) {
    var names = Arbitraries.of("a", "b", "missing/a", "c");
    return Arbitraries.frequencyOf(
        Tuple.of(8, names.map(name -> targets + "/" + name)),
        Tuple.of(2, Texts.near(names).map(name -> targets + "/" + name.replace("..", "_"))),
        Tuple.of(
            2,
            Arbitraries.of(
                targets + "/../../../../../../etc",
                targets + "/a/../b",
                "/",
                "//",
                "/.",
                "relative",
                "/proc/self/nothing",
                "/dev/null/nothing",
                "/nonexistent/" + "x".repeat(300),
                "/nonexistent" + "/x".repeat(3000),
                "/nonexistent/\0",
                "/nonexistent/\u202e")));
  }

  /** Requests of a type. */
  Arbitrary<DynamicMessage> of(Descriptor type) {
    return Combinators.combine(message(type), unknown().optional(0.1))
        .as((request, more) ->
            more.map(fields -> request.toBuilder().setUnknownFields(fields).build())
                .orElse(request));
  }

  private static Arbitrary<UnknownFieldSet> unknown() {
    return Combinators.combine(Arbitraries.integers().between(100, 1 << 20), Texts.any())
        .as((number, text) ->
            UnknownFieldSet.newBuilder()
                .addField(
                    number,
                    UnknownFieldSet.Field.newBuilder()
                        .addLengthDelimited(ByteString.copyFromUtf8(text))
                        .build())
                .build());
  }

  private Arbitrary<DynamicMessage> message(Descriptor type) {
    var values = new ArrayList<Arbitrary<Optional<Object>>>();
    List<FieldDescriptor> fields = type.getFields();
    for (FieldDescriptor field : fields) {
      values.add(any(field).optional(presence(field)));
    }
    if (values.isEmpty()) {
      return Arbitraries.just(DynamicMessage.getDefaultInstance(type));
    }
    return Combinators.combine(values)
        .as(chosen -> {
          var message = DynamicMessage.newBuilder(type);
          for (int i = 0; i < fields.size(); i++) {
            FieldDescriptor field = fields.get(i);
            chosen.get(i).ifPresent(value -> message.setField(field, value));
          }
          return message.build();
        });
  }

  private static double presence(FieldDescriptor field) {
    if (RARE.contains(field.getName())) {
      return 0.03;
    }
    return switch (field.getName()) {
      case "secrets", "volume_mount_group", "mount_flags", "fs_type", "readonly" -> 0.2;
      case "starting_token", "limit_bytes" -> 0.3;
      default -> 0.95;
    };
  }

  private Arbitrary<Object> any(FieldDescriptor field) {
    if (field.isMapField()) {
      return map(field);
    }
    if (field.isRepeated()) {
      return one(field).list().ofMinSize(1).ofMaxSize(2).map(list -> list);
    }
    return one(field);
  }

  private Arbitrary<Object> map(FieldDescriptor field) {
    Map<String, Arbitrary<String>> known = maps.getOrDefault(field.getName(), Map.of());
    Descriptor entry = field.getMessageType();
    Arbitrary<Map<String, String>> arbitrary =
        Texts.any()
            .list()
            .ofMaxSize(2)
            .map(all -> {
              var map = new HashMap<String, String>();
              all.forEach(text -> map.put(text, text));
              return map;
            });
    Arbitrary<Map<String, String>> values =
        known.isEmpty()
            ? arbitrary
            : Arbitraries.frequencyOf(
                Tuple.of(10, whole(known)), Tuple.of(2, Texts.maps(known)), Tuple.of(1, arbitrary));
    return values.map(map ->
        map.entrySet().stream()
            .map(it ->
                DynamicMessage.newBuilder(entry)
                    .setField(entry.findFieldByName("key"), it.getKey())
                    .setField(entry.findFieldByName("value"), it.getValue())
                    .build())
            .toList());
  }

  /** What needs all of its keys has them all; of parameters, none. */
  private static Arbitrary<Map<String, String>> whole(Map<String, Arbitrary<String>> known) {
    return known.containsKey("blockSize")
        ? Arbitraries.just(Map.of())
        : Combinators.combine(
                known.entrySet().stream()
                    .map(it -> it.getValue().map(value -> Tuple.of(it.getKey(), value)))
                    .toList())
            .as(entries -> {
              var map = new HashMap<String, String>();
              entries.forEach(it -> map.put(it.get1(), it.get2()));
              return map;
            });
  }

  private Arbitrary<Object> one(FieldDescriptor field) {
    return switch (field.getJavaType()) {
      case STRING -> text(field.getName()).map(text -> text);
      case LONG -> NUMBERS.map(number -> number);
      case INT ->
          Arbitraries.of(0, 1, 2, 100, -1, Integer.MIN_VALUE, Integer.MAX_VALUE).map(it -> it);
      case BOOLEAN -> Arbitraries.of(true, false).map(it -> it);
      case ENUM -> enumeration(field).map(it -> it);
      case MESSAGE -> message(field.getMessageType()).map(it -> it);
      case BYTE_STRING -> Texts.any().map(ByteString::copyFromUtf8);
      case FLOAT, DOUBLE -> throw new IllegalArgumentException(field.getFullName());
    };
  }

  private Arbitrary<String> text(String name) {
    Arbitrary<String> known = texts.get(name);
    if (known == null) {
      return Texts.any();
    }
    // Their places are bounded above.
    return name.endsWith("_path")
        ? known
        : Arbitraries.frequencyOf(
            Tuple.of(8, known), Tuple.of(2, Texts.near(known)), Tuple.of(1, Texts.any()));
  }

  private static Arbitrary<EnumValueDescriptor> enumeration(FieldDescriptor field) {
    return Arbitraries.frequencyOf(
        Tuple.of(9, Arbitraries.of(field.getEnumType().getValues())),
        Tuple.of(
            1,
            Arbitraries.of(99, -1, Integer.MAX_VALUE)
                .map(field.getEnumType()::findValueByNumberCreatingIfUnknown)
                .map(Objects::requireNonNull)));
  }
}
