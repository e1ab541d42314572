package io.juicebox.csi.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The vendored csi.proto is the published one but for what Java's generator needs, and none of that
 * shows on the wire.
 */
final class VendoredProtoTest {
  private static String published = "";

  @BeforeAll
  static void readPublished() throws IOException {
    try (InputStream in = VendoredProtoTest.class.getResourceAsStream("/csi-1.13.0.proto")) {
      published = new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void vendoredFileIsThePublishedOneWithTheDocumentedSubstitutions() throws IOException {
    String expected =
        published
            .replaceFirst(
                "(?m)^option go_package",
                """
                option java_package = "io.juicebox.csi.spec";
                option java_multiple_files = true;
                $0\
                """)
            .replaceAll(
                "map<string, string> mutable_parameters = (\\d+);",
                "map<string, string> mutable_params = $1 [json_name = \"mutableParameters\"];");
    assertThat(Files.readString(Path.of("spec/src/main/proto/csi.proto"))).isEqualTo(expected);
  }

  @Test
  void messagesHaveThePublishedFields() {
    var generated = new TreeSet<String>();
    Csi.getDescriptor()
        .getMessageTypes()
        .forEach(type -> PublishedProto.addFields(type, generated));
    assertThat(generated).hasSizeGreaterThan(150).isEqualTo(new PublishedProto(published).fields());
  }

  @Test
  void enumsHaveThePublishedValues() {
    SortedSet<String> generated = new TreeSet<>();
    Csi.getDescriptor().getMessageTypes().forEach(type -> PublishedProto.addEnums(type, generated));
    Csi.getDescriptor().getEnumTypes().forEach(e -> PublishedProto.addValues(e, generated));
    assertThat(generated).hasSizeGreaterThan(30).isEqualTo(new PublishedProto(published).enums());
  }

  @Test
  void servicesHaveThePublishedMethods() {
    SortedSet<String> generated = new TreeSet<>();
    Csi.getDescriptor()
        .getServices()
        .forEach(service ->
            service.getMethods().forEach(method -> generated.add(PublishedProto.line(method))));
    assertThat(generated).hasSizeGreaterThan(30).isEqualTo(new PublishedProto(published).methods());
  }
}
