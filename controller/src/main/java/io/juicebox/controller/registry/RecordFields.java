package io.juicebox.controller.registry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.juicebox.controller.redis.PasswordHash;
import io.juicebox.controller.registry.VolumeRecord.State;
import io.juicebox.csi.volume.BucketMode;
import io.juicebox.csi.volume.Capacity;
import io.juicebox.csi.volume.Credentials;
import io.juicebox.csi.volume.Lineage;
import io.juicebox.csi.volume.Member;
import io.juicebox.csi.volume.Number;
import io.juicebox.csi.volume.VolumeContext;
import io.juicebox.csi.volume.VolumeId;
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
    return List.of(
        "lineage", intent.lineage().value(),
        "member", Integer.toString(intent.member().value()),
        "bucket", intent.bucket(),
        "bucketMode", intent.bucketMode().name(),
        "credentials", intent.credentials().name());
  }

  static String write(VolumeContext context) {
    try {
      return JSON.writeValueAsString(context.toMap());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Reads a script's answer: field, value, field, value. */
  static VolumeRecord read(@Nullable Object answer) {
    var fields = new HashMap<String, String>();
    var texts = new ArrayList<String>();
    if (answer instanceof List<?> list) {
      list.forEach(item -> texts.add(String.valueOf(item)));
    }
    for (int i = 0; i + 1 < texts.size(); i += 2) {
      fields.put(texts.get(i), texts.get(i + 1));
    }
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
        Optional.ofNullable(fields.get("password")).map(PasswordHash::new),
        Optional.ofNullable(fields.get("context")).map(RecordFields::context));
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
