package io.juicebox.csi.log;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import io.juicebox.csi.spec.Csi;
import java.util.List;

/**
 * A message without the fields that the specification marks with {@code csi_secret}, those that
 * protobuf's own {@code debug_redact} marks, and those that this version of the message does not
 * know: they may be secrets.
 */
final class Redacted {
  private Redacted() {}

  /** A copy without secrets, at any depth. */
  static Message of(Message message) {
    Message.Builder copy =
        message.toBuilder().setUnknownFields(UnknownFieldSet.getDefaultInstance());
    message
        .getAllFields()
        .forEach((field, value) -> {
          if (isSecret(field)) {
            copy.clearField(field);
          } else if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
            copy.setField(field, redactedValue(value));
          }
        });
    return copy.build();
  }

  private static boolean isSecret(FieldDescriptor field) {
    return field.getOptions().getExtension(Csi.csiSecret) || field.getOptions().getDebugRedact();
  }

  private static Object redactedValue(Object value) {
    return switch (value) {
      case Message nested -> of(nested);
      case List<?> list -> list.stream().map(Redacted::redactedValue).toList();
      default -> value;
    };
  }
}
