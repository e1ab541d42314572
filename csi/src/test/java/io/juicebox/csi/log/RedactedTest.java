package io.juicebox.csi.log;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldOptions;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import io.juicebox.csi.spec.CreateVolumeRequest;
import io.juicebox.csi.spec.Csi;
import io.juicebox.csi.spec.NodePublishVolumeRequest;
import io.juicebox.csi.spec.VolumeCapability;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class RedactedTest {
  /** Each message of the specification that has secrets. */
  static Stream<Descriptor> messagesWithSecrets() {
    return Csi.getDescriptor().getMessageTypes().stream()
        .filter(type -> type.getFields().stream().anyMatch(RedactedTest::isSecret));
  }

  private static boolean isSecret(FieldDescriptor field) {
    return field.getOptions().getExtension(Csi.csiSecret);
  }

  @ParameterizedTest
  @MethodSource("messagesWithSecrets")
  void secretsOfEachMessageAreRemoved(Descriptor type) {
    var message = DynamicMessage.newBuilder(type);
    for (FieldDescriptor field : type.getFields()) {
      if (isSecret(field)) {
        assertThat(field.isMapField()).isTrue();
        Descriptor entry = field.getMessageType();
        message.addRepeatedField(
            field,
            DynamicMessage.newBuilder(entry)
                .setField(entry.findFieldByNumber(1), "key")
                .setField(entry.findFieldByNumber(2), "hidden")
                .build());
      }
    }
    assertThat(message.build().toString()).contains("hidden");
    assertThat(Redacted.of(message.build()).toString()).isEmpty();
  }

  @Test
  void specificationMarksSecrets() {
    assertThat(messagesWithSecrets().map(Descriptor::getName))
        .contains("CreateVolumeRequest", "DeleteVolumeRequest", "NodePublishVolumeRequest");
  }

  @Test
  void everythingElseStays() {
    var request =
        NodePublishVolumeRequest.newBuilder()
            .setVolumeId("v")
            .putVolumeContext("number", "2")
            .setVolumeCapability(
                VolumeCapability.newBuilder()
                    .setMount(VolumeCapability.MountVolume.newBuilder().addMountFlags("noexec")))
            .build();
    assertThat(Redacted.of(request.toBuilder().putSecrets("k", "hidden").build()))
        .isEqualTo(request);
  }

  @Test
  void fieldsThatAreNotKnownAreRemovedAtAnyDepth() {
    var unknown =
        UnknownFieldSet.newBuilder()
            .addField(
                1001,
                UnknownFieldSet.Field.newBuilder()
                    .addLengthDelimited(ByteString.copyFromUtf8("hidden"))
                    .build())
            .build();
    var request =
        CreateVolumeRequest.newBuilder()
            .setName("v")
            .setUnknownFields(unknown)
            .addVolumeCapabilities(VolumeCapability.newBuilder().setUnknownFields(unknown))
            .build();
    assertThat(request.toString()).contains("hidden");
    assertThat(Redacted.of(request))
        .isEqualTo(
            CreateVolumeRequest.newBuilder()
                .setName("v")
                .addVolumeCapabilities(VolumeCapability.getDefaultInstance())
                .build());
  }

  @Test
  void nestedSecretsAreRemoved() throws DescriptorValidationException {
    Descriptor outer = messageWithNestedSecret();
    FieldDescriptor one = outer.findFieldByName("one");
    FieldDescriptor many = outer.findFieldByName("many");
    Descriptor inner = one.getMessageType();
    Message nested =
        DynamicMessage.newBuilder(inner)
            .setField(inner.findFieldByName("key"), "hidden")
            .setField(inner.findFieldByName("plain"), "shown")
            .build();
    Message message =
        DynamicMessage.newBuilder(outer)
            .setField(one, nested)
            .setField(many, List.of(nested, nested))
            .build();
    assertThat(Redacted.of(message).toString())
        .doesNotContain("hidden")
        .containsSubsequence("shown", "shown", "shown");
  }

  /** The specification nests no secret yet. */
  private static Descriptor messageWithNestedSecret() throws DescriptorValidationException {
    var secret = FieldOptions.newBuilder().setExtension(Csi.csiSecret, true).build();
    var inner =
        DescriptorProto.newBuilder()
            .setName("Inner")
            .addField(text("key", 1).setOptions(secret))
            .addField(text("plain", 2));
    var outer =
        DescriptorProto.newBuilder()
            .setName("Outer")
            .addField(nested("one", 1, FieldDescriptorProto.Label.LABEL_OPTIONAL))
            .addField(nested("many", 2, FieldDescriptorProto.Label.LABEL_REPEATED));
    var file =
        FileDescriptorProto.newBuilder()
            .setName("nested.proto")
            .setSyntax("proto3")
            .addMessageType(inner)
            .addMessageType(outer)
            .build();
    return FileDescriptor.buildFrom(file, new FileDescriptor[0]).findMessageTypeByName("Outer");
  }

  private static FieldDescriptorProto.Builder text(String name, int number) {
    return FieldDescriptorProto.newBuilder()
        .setName(name)
        .setNumber(number)
        .setType(FieldDescriptorProto.Type.TYPE_STRING)
        .setLabel(FieldDescriptorProto.Label.LABEL_OPTIONAL);
  }

  private static FieldDescriptorProto.Builder nested(
      String name, int number, FieldDescriptorProto.Label label) {
    return FieldDescriptorProto.newBuilder()
        .setName(name)
        .setNumber(number)
        .setType(FieldDescriptorProto.Type.TYPE_MESSAGE)
        .setTypeName("Inner")
        .setLabel(label);
  }
}
