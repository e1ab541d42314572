package io.juicebox.test.badinput;

import static io.grpc.Status.Code.ABORTED;
import static io.grpc.Status.Code.INVALID_ARGUMENT;
import static io.grpc.Status.Code.NOT_FOUND;
import static io.grpc.Status.Code.OK;
import static io.grpc.Status.Code.OUT_OF_RANGE;
import static io.grpc.Status.Code.UNAVAILABLE;

import com.google.protobuf.Message;
import io.grpc.MethodDescriptor;
import io.grpc.Status.Code;
import io.juicebox.csi.spec.ControllerExpandVolumeRequest;
import io.juicebox.csi.spec.ControllerGetVolumeHealthRequest;
import io.juicebox.csi.spec.ControllerGetVolumeRequest;
import io.juicebox.csi.spec.ControllerGrpc;
import io.juicebox.csi.spec.ControllerListVolumeHealthRequest;
import io.juicebox.csi.spec.DeleteVolumeRequest;
import io.juicebox.csi.spec.ListVolumesRequest;
import io.juicebox.csi.spec.ValidateVolumeCapabilitiesRequest;
import io.juicebox.csi.spec.VolumeCapability;
import io.juicebox.csi.spec.VolumeCapability.AccessMode.Mode;
import io.juicebox.test.client.Requests;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.Function;

/** Wrong calls of the Controller service but CreateVolume. */
final class ControllerCases {
  private final Fixture fixture;
  private final List<Case> cases = new ArrayList<>();

  private ControllerCases(Fixture fixture) {
    this.fixture = fixture;
  }

  static List<Case> of(Fixture fixture) {
    var cases = new ControllerCases(fixture);
    cases.delete();
    cases.expand();
    cases.get();
    cases.validate();
    cases.lists();
    return cases.cases;
  }

  private ControllerGrpc.ControllerBlockingStub controller() {
    return fixture.stack().controller().client().controller();
  }

  /**
   * What every call with a volume id does about a wrong one; {@code unknown} where nobody has it.
   */
  private void volumeIds(
      String rpc,
      MethodDescriptor<?, ?> method,
      Code unknown,
      Function<String, Message> request,
      Consumer<Message> call) {
    add(rpc, "volume_id", "missing", INVALID_ARGUMENT, "^volume_id is ", call, request.apply(""));
    for (var text : Text.overLong()) {
      add(
          rpc,
          "volume_id",
          text.words(),
          INVALID_ARGUMENT,
          "^volume_id .*128",
          call,
          request.apply(text.value()));
    }
    Text.strange()
        .forEach(text ->
            add(
                rpc,
                "volume_id",
                text.words(),
                unknown,
                unknown == OK ? "" : "^volume \".* not exist",
                call,
                request.apply(text.value())));
    var nobodies =
        List.of(
            fixture.nobody(),
            fixture.ready().getVolumeId() + "0",
            fixture.ready().getVolumeId().toUpperCase(Locale.ROOT));
    for (var nobody : nobodies) {
      add(
          rpc,
          "volume_id",
          "unknown: " + Shown.of(nobody),
          unknown,
          unknown == OK ? "" : "^volume \".* not exist",
          call,
          request.apply(nobody));
    }
    cases.addAll(
        Raw.wrongUtf8(
            rpc,
            "volume_id",
            fixture.stack().controller(),
            method,
            request.apply(Text.PLACE_OF_BYTES)));
  }

  private void delete() {
    Function<String, Message> request =
        id -> DeleteVolumeRequest.newBuilder().setVolumeId(id).build();
    Consumer<Message> call =
        r -> {
          var _ = controller().deleteVolume((DeleteVolumeRequest) r);
        };
    volumeIds("DeleteVolume", ControllerGrpc.getDeleteVolumeMethod(), OK, request, call);
    // Its volumes may well exist: they must not be taken for deleted.
    for (var backend : List.of("other", "default2", "x")) {
      add(
          "DeleteVolume",
          "volume_id",
          "of the unknown backend " + backend,
          UNAVAILABLE,
          "^backend " + backend,
          call,
          request.apply(backend + "-" + "0".repeat(20)));
    }
  }

  private void expand() {
    volumeIds(
        "ControllerExpandVolume",
        ControllerGrpc.getControllerExpandVolumeMethod(),
        NOT_FOUND,
        id -> expansion(Fixture.BYTES * 2, 0).toBuilder().setVolumeId(id).build(),
        this::expand);
    expand(
        "missing",
        INVALID_ARGUMENT,
        "^capacity_range is missing",
        expansion(0, 0).toBuilder().clearCapacityRange().build());
    expand("0 and 0", INVALID_ARGUMENT, "^capacity_range is missing", expansion(0, 0));
    for (long bytes : new long[] {-1, -4096, Long.MIN_VALUE}) {
      expand(
          "required " + bytes, INVALID_ARGUMENT, "required_bytes is negative", expansion(bytes, 0));
      expand("limit " + bytes, INVALID_ARGUMENT, "limit_bytes is negative", expansion(0, bytes));
    }
    for (long below : new long[] {1, 4096, Fixture.BYTES}) {
      expand(
          "limit %d below required".formatted(below),
          INVALID_ARGUMENT,
          "limit_bytes .*below required_bytes",
          expansion(2 * Fixture.BYTES, below));
    }
    for (long bytes : new long[] {Long.MAX_VALUE, Long.MAX_VALUE - 4096, (1L << 60) + 1}) {
      expand("required " + bytes, OUT_OF_RANGE, "required_bytes.* more than", expansion(bytes, 0));
    }
    for (long limit : new long[] {1, 4096, Fixture.BYTES - 1}) {
      expand(
          "limit %d below the volume".formatted(limit),
          OUT_OF_RANGE,
          "limit_bytes",
          expansion(0, limit));
    }
    var block =
        Requests.capability(Fixture.MODE).toBuilder()
            .setBlock(VolumeCapability.BlockVolume.getDefaultInstance());
    add(
        "ControllerExpandVolume",
        "volume_capability",
        "block",
        INVALID_ARGUMENT,
        "^volume_capability.block",
        this::expand,
        expansion(2 * Fixture.BYTES, 0).toBuilder().setVolumeCapability(block).build());
  }

  private void expand(
      String input, Code code, String message, ControllerExpandVolumeRequest request) {
    add("ControllerExpandVolume", "capacity_range", input, code, message, this::expand, request);
  }

  private void expand(Message request) {
    var _ = controller().controllerExpandVolume((ControllerExpandVolumeRequest) request);
  }

  private ControllerExpandVolumeRequest expansion(long required, long limit) {
    var request = Requests.expand(fixture.ready(), required).toBuilder();
    request.getCapacityRangeBuilder().setLimitBytes(limit);
    return request.build();
  }

  private void get() {
    volumeIds(
        "ControllerGetVolume",
        ControllerGrpc.getControllerGetVolumeMethod(),
        NOT_FOUND,
        id -> ControllerGetVolumeRequest.newBuilder().setVolumeId(id).build(),
        r -> {
          var _ = controller().controllerGetVolume((ControllerGetVolumeRequest) r);
        });
    volumeIds(
        "ControllerGetVolumeHealth",
        ControllerGrpc.getControllerGetVolumeHealthMethod(),
        NOT_FOUND,
        id -> ControllerGetVolumeHealthRequest.newBuilder().setVolumeId(id).build(),
        r -> {
          var _ = controller().controllerGetVolumeHealth((ControllerGetVolumeHealthRequest) r);
        });
  }

  private void validate() {
    volumeIds(
        "ValidateVolumeCapabilities",
        ControllerGrpc.getValidateVolumeCapabilitiesMethod(),
        NOT_FOUND,
        id -> validation(r -> r.setVolumeId(id)),
        this::validate);
    add(
        "ValidateVolumeCapabilities",
        "volume_capabilities",
        "missing",
        INVALID_ARGUMENT,
        "^volume_capabilities is missing",
        this::validate,
        validation(r -> r.clearVolumeCapabilities()));
    // The specification: OK, not confirmed, and the message says why.
    notConfirmed(
        "volume_capabilities",
        "several nodes",
        "MULTI_NODE_MULTI_WRITER",
        r -> r.addVolumeCapabilities(Requests.capability(Mode.MULTI_NODE_MULTI_WRITER)));
    for (var flag : List.of("unknown", "ro", "writeback")) {
      notConfirmed(
          "mount_flags",
          flag,
          "mount_flags has .*" + flag,
          r -> {
            var capability = Requests.capability(Fixture.MODE).toBuilder();
            capability.getMountBuilder().addMountFlags(flag);
            r.addVolumeCapabilities(capability);
          });
    }
    for (var key : List.of("number", "uuid", "lineage")) {
      notConfirmed(
          "volume_context",
          "another " + key,
          "volume_context",
          r ->
              r.putAllVolumeContext(fixture.ready().getVolumeContextMap())
                  .putVolumeContext(key, fixture.published().getVolumeContextOrThrow(key)));
    }
    for (var key : List.of("unknown", "../x", "a\nb")) {
      notConfirmed(
          "parameters",
          "unknown key " + Shown.of(key),
          "parameters has the unknown key",
          r -> r.putParameters(key, "1"));
    }
  }

  private void notConfirmed(
      String field,
      String input,
      String message,
      Consumer<ValidateVolumeCapabilitiesRequest.Builder> change) {
    var request = validation(change);
    cases.add(
        new Case(
            "ValidateVolumeCapabilities",
            field,
            input,
            OK,
            "not confirmed: .*" + message,
            () -> {
              var answer = controller().validateVolumeCapabilities(request);
              return answer.hasConfirmed() ? "confirmed" : "not confirmed: " + answer.getMessage();
            }));
  }

  private void validate(Message request) {
    var _ = controller().validateVolumeCapabilities((ValidateVolumeCapabilitiesRequest) request);
  }

  private ValidateVolumeCapabilitiesRequest validation(
      Consumer<ValidateVolumeCapabilitiesRequest.Builder> change) {
    var request =
        ValidateVolumeCapabilitiesRequest.newBuilder()
            .setVolumeId(fixture.ready().getVolumeId())
            .addVolumeCapabilities(Requests.capability(Fixture.MODE));
    change.accept(request);
    return request.build();
  }

  private void lists() {
    Consumer<Message> volumes =
        r -> {
          var _ = controller().listVolumes((ListVolumesRequest) r);
        };
    Consumer<Message> health =
        r -> {
          var _ = controller().controllerListVolumeHealth((ControllerListVolumeHealthRequest) r);
        };
    var tokens = new ArrayList<>(Text.strange().toList());
    tokens.addAll(Text.overLong());
    tokens.add(new Text("a number", "1"));
    tokens.add(new Text("of an unknown backend", "other-" + "0".repeat(20)));
    for (var token : tokens) {
      add(
          "ListVolumes",
          "starting_token",
          token.words(),
          ABORTED,
          "^starting_token",
          volumes,
          ListVolumesRequest.newBuilder().setStartingToken(token.value()).build());
      add(
          "ControllerListVolumeHealth",
          "starting_token",
          token.words(),
          ABORTED,
          "^starting_token",
          health,
          ControllerListVolumeHealthRequest.newBuilder().setStartingToken(token.value()).build());
    }
    for (int most : new int[] {-1, -1000, Integer.MIN_VALUE}) {
      add(
          "ListVolumes",
          "max_entries",
          Integer.toString(most),
          INVALID_ARGUMENT,
          "^max_entries is negative",
          volumes,
          ListVolumesRequest.newBuilder().setMaxEntries(most).build());
      add(
          "ControllerListVolumeHealth",
          "max_entries",
          Integer.toString(most),
          INVALID_ARGUMENT,
          "^max_entries is negative",
          health,
          ControllerListVolumeHealthRequest.newBuilder().setMaxEntries(most).build());
    }
  }

  private void add(
      String rpc,
      String field,
      String input,
      Code code,
      String message,
      Consumer<Message> call,
      Message request) {
    cases.add(
        new Case(
            rpc,
            field,
            input,
            code,
            message,
            () -> {
              call.accept(request);
              return "";
            }));
  }
}
