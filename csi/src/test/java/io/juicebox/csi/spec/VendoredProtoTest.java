package io.juicebox.csi.spec;

import static org.assertj.core.api.Assertions.assertThat;

import io.juicebox.csi.spec.registration.Pluginregistration;
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
 * The vendored files are the published ones but for what Java's generator needs, and none of that
 * shows on the wire.
 */
final class VendoredProtoTest {
  private static String published = "";
  private static String registration = "";

  @BeforeAll
  static void readPublished() throws IOException {
    published = read("/csi-1.13.0.proto");
    registration = read("/pluginregistration-v1-0.34.4.proto");
  }

  private static String read(String resource) throws IOException {
    try (InputStream in = VendoredProtoTest.class.getResourceAsStream(resource)) {
      return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
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

  @Test
  void registrationIsThePublishedFileWithItsOriginAndTheSubstitutions() throws IOException {
    String expected =
        """
        // Copyright The Kubernetes Authors. Licensed under the Apache License, Version 2.0.
        // From k8s.io/kubelet v0.34.4, pkg/apis/pluginregistration/v1/api.proto.
        """
            + registration.replaceFirst(
                "(?m)^option go_package",
                """
                option java_package = "io.juicebox.csi.spec.registration";
                option java_multiple_files = true;
                $0\
                """);
    assertThat(Files.readString(Path.of("spec/src/main/proto/pluginregistration.proto")))
        .isEqualTo(expected);
  }

  @Test
  void registrationHasThePublishedFieldsAndMethods() {
    var fields = new TreeSet<String>();
    var methods = new TreeSet<String>();
    var file = Pluginregistration.getDescriptor();
    file.getMessageTypes().forEach(type -> PublishedProto.addFields(type, fields));
    file.getServices()
        .forEach(service ->
            service.getMethods().forEach(method -> methods.add(PublishedProto.line(method))));
    var expected = new PublishedProto(registration);
    assertThat(fields).hasSize(6).isEqualTo(expected.fields());
    assertThat(methods).hasSize(2).isEqualTo(expected.methods());
  }
}
