package io.juicebox.csi.log;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.juicebox.csi.spec.Csi;
import java.util.List;

/** A message without the fields that the specification marks with {@code csi_secret}. */
final class Redacted {
  private Redacted() {}

  /** A copy without secrets, at any depth. */
  static Message of(Message message) {
    Message.Builder copy = message.toBuilder();
    message
        .getAllFields()
        .forEach((field, value) -> {
          if (field.getOptions().getExtension(Csi.csiSecret)) {
            copy.clearField(field);
          } else if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
            copy.setField(field, redactedValue(value));
          }
        });
    return copy.build();
  }

  private static Object redactedValue(Object value) {
    return switch (value) {
      case Message nested -> of(nested);
      case List<?> list -> list.stream().map(Redacted::redactedValue).toList();
      default -> value;
    };
  }
}
