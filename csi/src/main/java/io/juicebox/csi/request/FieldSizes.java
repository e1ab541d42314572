package io.juicebox.csi.request;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.juicebox.csi.spec.Csi;
import io.juicebox.csi.status.DriverException.InvalidRequest;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The specification's general size limits ("Size Limits"): 128 bytes for a text, 4 KiB for a map,
 * and 4 KiB for mount_flags. A path, whose field is called so, may be as long as the kernel takes
 * it: the specification says at each that it "overrides the general CSI size limit".
 *
 * <p>Secrets may be larger than the specification has it: 4 KiB hold no two certificates and a key,
 * and Kubernetes sends a Secret as it is.
 */
public final class FieldSizes {
  private static final int LONGEST_TEXT = 128;
  private static final int LARGEST_COLLECTION = 4096;
  private static final int LARGEST_SECRETS = 256 << 10;

  private FieldSizes() {}

  /** Refuses a message with a field that is too large, at any depth. */
  public static void check(Message message) {
    check("", message);
  }

  private static void check(String path, Message message) {
    message.getAllFields().forEach((field, value) -> check(path + field.getName(), field, value));
  }

  private static void check(String path, FieldDescriptor field, Object value) {
    switch (value) {
      case String _ when field.getName().endsWith("_path") -> {}
      case String text -> require(path, bytes(text), LONGEST_TEXT);
      case List<?> items when field.isMapField() || isText(field) ->
          require(
              path,
              items.stream().mapToInt(FieldSizes::bytes).sum(),
              isSecret(field) ? LARGEST_SECRETS : LARGEST_COLLECTION);
      case List<?> items -> items.forEach(item -> check(path, field, item));
      case Message nested -> check(path + ".", nested);
      default -> {}
    }
  }

  private static boolean isText(FieldDescriptor field) {
    return field.getJavaType() == FieldDescriptor.JavaType.STRING;
  }

  private static boolean isSecret(FieldDescriptor field) {
    return field.getOptions().getExtension(Csi.csiSecret);
  }

  /** Of a text, or of the texts of a map's entry. */
  private static int bytes(Object value) {
    return switch (value) {
      case String text -> text.getBytes(StandardCharsets.UTF_8).length;
      case Message entry ->
          entry.getAllFields().values().stream().mapToInt(FieldSizes::bytes).sum();
      default -> 0;
    };
  }

  private static void require(String path, int bytes, int most) {
    if (bytes > most) {
      throw new InvalidRequest(path, "has %d bytes, the limit is %d".formatted(bytes, most));
    }
  }
}
