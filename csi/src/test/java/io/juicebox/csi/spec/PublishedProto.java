package io.juicebox.csi.spec;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.OneofDescriptor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a .proto file says of the wire, one line for each field, enum value and method. It reads as
 * much of the language as the vendored files use, and is no parser of ours to be used elsewhere.
 */
final class PublishedProto {
  private static final Pattern TOKEN =
      Pattern.compile("//[^\n]*|\"[^\"]*\"|map<\\s*\\w+\\s*,\\s*\\w+\\s*>|[\\w.]+|[^\\s\\w]");
  private String packageName = "";
  private final SortedSet<String> fields = new TreeSet<>();
  private final SortedSet<String> enums = new TreeSet<>();
  private final SortedSet<String> methods = new TreeSet<>();

  /** One open brace: {@code message X}, {@code oneof y}, {@code enum Z}, {@code service S}. */
  private record Block(String kind, String name) {}

  private final Deque<Block> open = new ArrayDeque<>();

  PublishedProto(String text) {
    List<String> statement = new ArrayList<>();
    for (String token :
        TOKEN
            .matcher(text)
            .results()
            .map(MatchResult::group)
            .filter(t -> !t.startsWith("//"))
            .toList()) {
      switch (token) {
        case "{" -> {
          open(statement);
          statement.clear();
        }
        case "}" -> {
          open.pop();
          statement.clear();
        }
        case ";" -> {
          end(statement);
          statement.clear();
        }
        default -> statement.add(token);
      }
    }
  }

  SortedSet<String> fields() {
    return fields;
  }

  SortedSet<String> enums() {
    return enums;
  }

  SortedSet<String> methods() {
    return methods;
  }

  private void open(List<String> statement) {
    switch (statement.getFirst()) {
      case "message", "oneof", "enum", "service", "extend" ->
          open.push(new Block(statement.get(0), statement.get(1)));
      case "rpc" -> {
        method(statement);
        open.push(new Block("rpc", statement.get(1)));
      }
      default -> throw new IllegalStateException(statement.toString());
    }
  }

  private void end(List<String> statement) {
    if (statement.isEmpty() || open.isEmpty()) {
      if (!statement.isEmpty() && statement.getFirst().equals("package")) {
        packageName = statement.get(1);
      }
      return;
    }
    switch (open.getFirst().kind()) {
      case "message", "oneof" -> field(statement);
      case "enum" -> {
        if (isValue(statement)) {
          enums.add(scope("") + "." + statement.get(0) + "=" + statement.get(2));
        }
      }
      case "service" -> {
        if (statement.getFirst().equals("rpc")) {
          method(statement);
        }
      }
      default -> {}
    }
  }

  private static boolean isValue(List<String> statement) {
    return !statement.getFirst().equals("option") && !statement.getFirst().equals("reserved");
  }

  /** {@code [repeated] type name = number [options]}. */
  private void field(List<String> statement) {
    String text = String.join(" ", statement);
    Matcher field =
        Pattern.compile("(repeated )?(\\S+|map<.*>) (\\w+) = (\\d+)( \\[.*)?").matcher(text);
    if (!isValue(statement)) {
      return;
    }
    if (!field.matches()) {
      throw new IllegalStateException(text);
    }
    String type = field.group(2).replace(" ", "");
    String last = type.substring(type.lastIndexOf('.') + 1);
    fields.add(
        "%s %s %s json=%s oneof=%s secret=%s"
            .formatted(
                scope("oneof"),
                field.group(4),
                (field.group(1) == null ? "" : "repeated ")
                    + (type.startsWith("map") ? type : last),
                camel(field.group(3)),
                open.getFirst().kind().equals("oneof") ? open.getFirst().name() : "",
                text.contains("csi_secret")));
  }

  private void method(List<String> statement) {
    String text = String.join("", statement);
    Matcher rpc =
        Pattern.compile("rpc(\\w+)\\((\\w+)\\)returns\\((stream)?(\\w+)\\)").matcher(text);
    if (!rpc.matches()) {
      throw new IllegalStateException(text);
    }
    methods.add(line(service(), rpc.group(1), rpc.group(2), rpc.group(3) != null, rpc.group(4)));
  }

  private String service() {
    return packageName + "." + open.getLast().name();
  }

  /** The full name of what is open, outermost first, but for blocks of one kind. */
  private String scope(String without) {
    var name = new StringBuilder(packageName);
    open.reversed().stream()
        .filter(block -> !block.kind().equals(without))
        .forEach(block -> name.append('.').append(block.name()));
    return name.toString();
  }

  /** protoc's rule for a field's name in JSON. */
  private static String camel(String name) {
    return Pattern.compile("_(.)")
        .matcher(name)
        .replaceAll(m -> m.group(1).toUpperCase(Locale.ROOT));
  }

  static String line(MethodDescriptor method) {
    if (method.isClientStreaming()) {
      throw new IllegalStateException(method.getFullName());
    }
    return line(
        method.getService().getFullName(),
        method.getName(),
        method.getInputType().getName(),
        method.isServerStreaming(),
        method.getOutputType().getName());
  }

  private static String line(
      String service, String method, String input, boolean stream, String output) {
    return "%s/%s %s %s%s".formatted(service, method, input, stream ? "stream " : "", output);
  }

  /** Adds the lines of a generated message and of those within. */
  static void addFields(Descriptor type, SortedSet<String> lines) {
    if (type.getOptions().getMapEntry()) {
      return;
    }
    type.getFields().forEach(field -> lines.add(line(field)));
    type.getNestedTypes().forEach(nested -> addFields(nested, lines));
  }

  /** Adds the lines of the enums within a generated message. */
  static void addEnums(Descriptor type, SortedSet<String> lines) {
    type.getEnumTypes().forEach(values -> addValues(values, lines));
    type.getNestedTypes().forEach(nested -> addEnums(nested, lines));
  }

  static void addValues(EnumDescriptor values, SortedSet<String> lines) {
    values
        .getValues()
        .forEach(value ->
            lines.add(values.getFullName() + "." + value.getName() + "=" + value.getNumber()));
  }

  private static String line(FieldDescriptor field) {
    OneofDescriptor oneof = field.getRealContainingOneof();
    return "%s %d %s json=%s oneof=%s secret=%s"
        .formatted(
            field.getContainingType().getFullName(),
            field.getNumber(),
            type(field),
            field.getJsonName(),
            oneof == null ? "" : oneof.getName(),
            field.getOptions().getExtension(Csi.csiSecret));
  }

  private static String type(FieldDescriptor field) {
    if (field.isMapField()) {
      return "map<%s,%s>"
          .formatted(
              name(field.getMessageType().findFieldByNumber(1)),
              name(field.getMessageType().findFieldByNumber(2)));
    }
    return (field.isRepeated() ? "repeated " : "") + name(field);
  }

  private static String name(FieldDescriptor field) {
    return switch (field.getJavaType()) {
      case MESSAGE -> field.getMessageType().getName();
      case ENUM -> field.getEnumType().getName();
      default -> field.getType().name().toLowerCase(Locale.ROOT);
    };
  }
}
