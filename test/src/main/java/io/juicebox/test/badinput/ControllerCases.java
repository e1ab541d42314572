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
import io.juicebox.csi.spec.VolumeCapability;
import io.juicebox.test.client.Requests;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

/** Wrong calls of the Controller service but CreateVolume and ValidateVolumeCapabilities. */
final class ControllerCases {
  private final Fixture fixture;
  private final CaseList cases = new CaseList();
  private final Rpc expand;

  private ControllerCases(Fixture fixture) {
    this.fixture = fixture;
    this.expand =
        rpc(
            ControllerGrpc.getControllerExpandVolumeMethod(),
            r -> {
              var _ = controller().controllerExpandVolume((ControllerExpandVolumeRequest) r);
            });
  }

  static List<Case> of(Fixture fixture) {
    var cases = new ControllerCases(fixture);
    cases.delete();
    cases.expand();
    cases.get();
    cases.lists();
    return cases.cases.all();
  }

  private ControllerGrpc.ControllerBlockingStub controller() {
    return fixture.stack().controller().client().controller();
  }

  private Rpc rpc(MethodDescriptor<?, ?> method, Consumer<Message> call) {
    return new Rpc(fixture.stack().controller(), method, call);
  }

  private void volumeIds(Rpc rpc, Code unknown, Function<String, Message> request) {
    cases.addWrongIds(rpc, unknown, "^volume \".* not exist", fixture.nobodies(), request);
  }

  private void delete() {
    Function<String, Message> request =
        id -> DeleteVolumeRequest.newBuilder().setVolumeId(id).build();
    var rpc =
        rpc(
            ControllerGrpc.getDeleteVolumeMethod(),
            r -> {
              var _ = controller().deleteVolume((DeleteVolumeRequest) r);
            });
    volumeIds(rpc, OK, request);
    // Its volumes may well exist: they must not be taken for deleted.
    for (var backend : List.of("other", "default2", "x")) {
      cases.add(
          rpc,
          "volume_id",
          "of the unknown backend " + backend,
          UNAVAILABLE,
          "^backend " + backend,
          request.apply(backend + "-" + "0".repeat(20)));
    }
  }

  private void expand() {
    volumeIds(
        expand,
        NOT_FOUND,
        id -> expansion(Fixture.BYTES * 2, 0).toBuilder().setVolumeId(id).build());
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
    cases.add(
        expand,
        "volume_capability",
        "block",
        INVALID_ARGUMENT,
        "^volume_capability.block",
        expansion(2 * Fixture.BYTES, 0).toBuilder().setVolumeCapability(block).build());
  }

  private void expand(
      String input, Code code, String message, ControllerExpandVolumeRequest request) {
    cases.add(expand, "capacity_range", input, code, message, request);
  }

  private ControllerExpandVolumeRequest expansion(long required, long limit) {
    var request = Requests.expand(fixture.ready(), required).toBuilder();
    request.getCapacityRangeBuilder().setLimitBytes(limit);
    return request.build();
  }

  private void get() {
    volumeIds(
        rpc(
            ControllerGrpc.getControllerGetVolumeMethod(),
            r -> {
              var _ = controller().controllerGetVolume((ControllerGetVolumeRequest) r);
            }),
        NOT_FOUND,
        id -> ControllerGetVolumeRequest.newBuilder().setVolumeId(id).build());
    volumeIds(
        rpc(
            ControllerGrpc.getControllerGetVolumeHealthMethod(),
            r -> {
              var _ = controller().controllerGetVolumeHealth((ControllerGetVolumeHealthRequest) r);
            }),
        NOT_FOUND,
        id -> ControllerGetVolumeHealthRequest.newBuilder().setVolumeId(id).build());
  }

  private void lists() {
    var volumes =
        rpc(
            ControllerGrpc.getListVolumesMethod(),
            r -> {
              var _ = controller().listVolumes((ListVolumesRequest) r);
            });
    var health =
        rpc(
            ControllerGrpc.getControllerListVolumeHealthMethod(),
            r -> {
              var _ =
                  controller().controllerListVolumeHealth((ControllerListVolumeHealthRequest) r);
            });
    var tokens = new ArrayList<>(Text.strange().toList());
    tokens.addAll(Text.overLong());
    tokens.add(new Text("a number", "1"));
    tokens.add(new Text("of an unknown backend", "other-" + "0".repeat(20)));
    for (var token : tokens) {
      cases.add(
          volumes,
          "starting_token",
          token.words(),
          ABORTED,
          "^starting_token",
          ListVolumesRequest.newBuilder().setStartingToken(token.value()).build());
      cases.add(
          health,
          "starting_token",
          token.words(),
          ABORTED,
          "^starting_token",
          ControllerListVolumeHealthRequest.newBuilder().setStartingToken(token.value()).build());
    }
    for (int most : new int[] {-1, -1000, Integer.MIN_VALUE}) {
      cases.add(
          volumes,
          "max_entries",
          Integer.toString(most),
          INVALID_ARGUMENT,
          "^max_entries is negative",
          ListVolumesRequest.newBuilder().setMaxEntries(most).build());
      cases.add(
          health,
          "max_entries",
          Integer.toString(most),
          INVALID_ARGUMENT,
          "^max_entries is negative",
          ControllerListVolumeHealthRequest.newBuilder().setMaxEntries(most).build());
    }
  }
}
