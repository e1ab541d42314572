package io.juicebox.controller.registry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.juicebox.controller.redis.PasswordHash;
import io.juicebox.controller.registry.IssuedCredentials.Former;
import io.juicebox.controller.registry.VolumeRecord.State;
import io.juicebox.csi.volume.BucketMode;
import io.juicebox.csi.volume.Capacity;
import io.juicebox.csi.volume.Compression;
import io.juicebox.csi.volume.Credentials;
import io.juicebox.csi.volume.Lineage;
import io.juicebox.csi.volume.Member;
import io.juicebox.csi.volume.Number;
import io.juicebox.csi.volume.VolumeContext;
import io.juicebox.csi.volume.VolumeId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A {@link VolumeRecord} as the fields of a Redis hash. */
final class RecordFields {
  private static final ObjectMapper JSON = new ObjectMapper();

  private RecordFields() {}

  /** What an intent adds to the fields that the script itself writes. */
  static List<String> of(Intent intent) {
    var fields =
        new ArrayList<>(
            List.of(
                "lineage", intent.lineage().value(),
                "member", Integer.toString(Member.FIRST.value()),
                "bucket", intent.bucket(),
                "bucketMode", intent.bucketMode().name(),
                "credentials", intent.credentials().name()));
    fields.addAll(of(intent.blocks()));
    return fields;
  }

  static List<String> of(BlockFormat blocks) {
    return List.of(
        "blockSize", Long.toString(blocks.size()), "compression", blocks.compression().name());
  }

  static String write(VolumeContext context) {
    try {
      return JSON.writeValueAsString(context.toMap());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Reads a script's answer: field, value, field, value. */
  private static Map<String, String> fields(@Nullable Object answer) {
    var fields = new HashMap<String, String>();
    var texts = new ArrayList<String>();
    if (answer instanceof List<?> list) {
      list.forEach(item -> texts.add(String.valueOf(item)));
    }
    for (int i = 0; i + 1 < texts.size(); i += 2) {
      fields.put(texts.get(i), texts.get(i + 1));
    }
    return fields;
  }

  /** Reads the record of a snapshot. */
  static SnapshotRecord readSnapshot(@Nullable Object answer) {
    var fields = fields(answer);
    return new SnapshotRecord(
        new VolumeId(field(fields, "id")),
        field(fields, "name"),
        Origin.parse(field(fields, "source")).id(),
        State.valueOf(field(fields, "state")),
        new Lineage(field(fields, "lineage")),
        field(fields, "bucket"),
        BucketMode.valueOf(field(fields, "bucketMode")),
        new Capacity(Long.parseLong(field(fields, "capacity"))),
        blocks(fields).orElseThrow(),
        Optional.ofNullable(fields.get("created")).map(RecordFields::time),
        Optional.ofNullable(fields.get("object")));
  }

  private static Optional<BlockFormat> blocks(Map<String, String> fields) {
    return Optional.ofNullable(fields.get("blockSize"))
        .map(size ->
            new BlockFormat(
                Long.parseLong(size), Compression.valueOf(field(fields, "compression"))));
  }

  /** Reads the record of a volume. */
  static VolumeRecord read(@Nullable Object answer) {
    var fields = fields(answer);
    return new VolumeRecord(
        new VolumeId(field(fields, "id")),
        field(fields, "name"),
        field(fields, "request"),
        State.valueOf(field(fields, "state")),
        new Number(Integer.parseInt(field(fields, "number"))),
        new Lineage(field(fields, "lineage")),
        new Member(Integer.parseInt(field(fields, "member"))),
        new Capacity(Long.parseLong(field(fields, "capacity"))),
        field(fields, "bucket"),
        BucketMode.valueOf(field(fields, "bucketMode")),
        // Volumes of the first release lack it.
        Credentials.valueOf(fields.getOrDefault("credentials", Credentials.SHARED.name())),
        blocks(fields),
        Optional.ofNullable(fields.get("source")).map(Origin::parse),
        issued(fields),
        Optional.ofNullable(fields.get("context")).map(RecordFields::context));
  }

  private static Optional<IssuedCredentials> issued(Map<String, String> fields) {
    return password(fields, "password")
        .map(present ->
            new IssuedCredentials(
                new VolumeId(field(fields, "id")),
                Integer.parseInt(fields.getOrDefault("generation", "1")),
                Integer.parseInt(fields.getOrDefault("begun", "1")),
                present,
                password(fields, "nextPassword"),
                password(fields, "formerPassword")
                    .map(former ->
                        new Former(
                            former,
                            time(field(fields, "rotated")),
                            time(field(fields, "formerUntil")),
                            fields.containsKey("formerEnds")))));
  }

  private static Optional<PasswordHash> password(Map<String, String> fields, String name) {
    return Optional.ofNullable(fields.get(name)).map(PasswordHash::new);
  }

  private static Instant time(String millis) {
    return Instant.ofEpochMilli(Long.parseLong(millis));
  }

  private static VolumeContext context(String json) {
    try {
      return VolumeContext.from(JSON.readValue(json, new TypeReference<Map<String, String>>() {}));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("the registry holds a context that is no JSON", e);
    }
  }

  private static String field(Map<String, String> fields, String name) {
    String value = fields.get(name);
    if (value == null) {
      throw new IllegalStateException("a record of the registry lacks its field " + name);
    }
    return value;
  }
}
