package io.juicebox.test.badinput;

import static io.grpc.Status.Code.INVALID_ARGUMENT;
import static io.grpc.Status.Code.NOT_FOUND;
import static io.grpc.Status.Code.OUT_OF_RANGE;

import io.grpc.Status.Code;
import io.juicebox.csi.spec.ControllerGrpc;
import io.juicebox.csi.spec.CreateVolumeRequest;
import io.juicebox.csi.spec.VolumeContentSource;
import io.juicebox.csi.spec.VolumeContentSource.SnapshotSource;
import io.juicebox.csi.spec.VolumeContentSource.VolumeSource;
import io.juicebox.test.client.Requests;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** CreateVolume calls whose source is wrong, or that want what its copy cannot be. */
final class SourceCases {
  private static final String FIELD = "volume_content_source";
  private static final String SNAPSHOT_ID = FIELD + ".snapshot.snapshot_id";
  private static final String VOLUME_ID = FIELD + ".volume.volume_id";

  /** What a copy has in common with its source, each with another value than that has. */
  private static final Map<String, List<String>> OTHER_VALUES =
      Map.of(
          "backend",
          List.of(Fixture.OTHER_BACKEND),
          "bucketMode",
          List.of("dedicated"),
          "compression",
          List.of("lz4", "zstd"),
          "blockSize",
          List.of("64Ki", "2Mi", "16Mi"));

  private final Fixture fixture;
  private final Rpc rpc;
  private final CaseList cases = new CaseList();

  private SourceCases(Fixture fixture) {
    this.fixture = fixture;
    this.rpc =
        new Rpc(
            fixture.stack().controller(),
            ControllerGrpc.getCreateVolumeMethod(),
            r -> {
              var controller = fixture.stack().controller().client().controller();
              var _ = controller.createVolume((CreateVolumeRequest) r);
            });
  }

  static List<Case> of(Fixture fixture) {
    var cases = new SourceCases(fixture);
    cases.sources();
    var volume = cases.fixture.published().getVolumeId();
    cases.copies("a volume's", fromVolume(volume));
    cases.copies("a snapshot's", fromSnapshot(cases.fixture.snapshot().getSnapshotId()));
    return cases.cases.all();
  }

  private void sources() {
    var neither = VolumeContentSource.getDefaultInstance();
    add(FIELD, "neither", INVALID_ARGUMENT, "^" + FIELD, neither, r -> {});
    cases.addWrongIds(
        rpc,
        SNAPSHOT_ID,
        NOT_FOUND,
        "^snapshot \".* not exist",
        List.of(fixture.nobody(), fixture.ready().getVolumeId(), "other-" + "0".repeat(20)),
        id -> request(fromSnapshot(id), r -> {}));
    cases.addWrongIds(
        rpc,
        VOLUME_ID,
        NOT_FOUND,
        "^volume \".* not exist",
        List.of(fixture.nobody(), fixture.snapshot().getSnapshotId(), "other-" + "0".repeat(20)),
        id -> request(fromVolume(id), r -> {}));
  }

  private void copies(String whose, VolumeContentSource source) {
    for (long bytes : new long[] {1L << 20, Fixture.BYTES - 1, Fixture.BYTES - 4096}) {
      add(
          "capacity_range",
          "limit %d, less than %s".formatted(bytes, whose),
          OUT_OF_RANGE,
          "^capacity_range.* less than",
          source,
          r -> r.getCapacityRangeBuilder().setLimitBytes(bytes));
    }
    for (long bytes : new long[] {1, 1L << 20, Fixture.BYTES - 4096}) {
      add(
          "capacity_range",
          "required %d, less than %s".formatted(bytes, whose),
          OUT_OF_RANGE,
          "^capacity_range.* less than",
          source,
          r -> r.getCapacityRangeBuilder().setRequiredBytes(bytes));
    }
    OTHER_VALUES.forEach((key, values) ->
        values.forEach(value ->
            add(
                "parameters",
                "%s %s, not %s".formatted(key, value, whose),
                INVALID_ARGUMENT,
                "^parameters." + key + " ",
                source,
                r -> r.putParameters(key, value))));
  }

  private static VolumeContentSource fromSnapshot(String id) {
    var snapshot = SnapshotSource.newBuilder().setSnapshotId(id);
    return VolumeContentSource.newBuilder().setSnapshot(snapshot).build();
  }

  private static VolumeContentSource fromVolume(String id) {
    var volume = VolumeSource.newBuilder().setVolumeId(id);
    return VolumeContentSource.newBuilder().setVolume(volume).build();
  }

  private void add(
      String field,
      String input,
      Code code,
      String message,
      VolumeContentSource source,
      Consumer<CreateVolumeRequest.Builder> change) {
    cases.add(rpc, field, input, code, message, request(source, change));
  }

  private static CreateVolumeRequest request(
      VolumeContentSource source, Consumer<CreateVolumeRequest.Builder> change) {
    var request =
        CreateVolumeRequest.newBuilder()
            .setName("bad")
            .addVolumeCapabilities(Requests.capability(Fixture.MODE))
            .setVolumeContentSource(source);
    change.accept(request);
    return request.build();
  }
}
