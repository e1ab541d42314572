package io.juicebox.test.badinput;

import static io.grpc.Status.Code.ABORTED;
import static io.grpc.Status.Code.ALREADY_EXISTS;
import static io.grpc.Status.Code.INVALID_ARGUMENT;
import static io.grpc.Status.Code.NOT_FOUND;
import static io.grpc.Status.Code.OK;
import static io.grpc.Status.Code.UNAVAILABLE;

import io.grpc.Status.Code;
import io.juicebox.csi.spec.ControllerGrpc;
import io.juicebox.csi.spec.CreateSnapshotRequest;
import io.juicebox.csi.spec.DeleteSnapshotRequest;
import io.juicebox.csi.spec.GetSnapshotRequest;
import io.juicebox.csi.spec.ListSnapshotsRequest;
import io.juicebox.test.client.Requests;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/** Wrong calls about snapshots. */
final class SnapshotCases {
  private static final String UNKNOWN = "^snapshot \".* not exist";

  private final Fixture fixture;
  private final CaseList cases = new CaseList();
  private final Rpc create;
  private final Rpc list;

  private SnapshotCases(Fixture fixture) {
    this.fixture = fixture;
    this.create =
        new Rpc(
            fixture.stack().controller(),
            ControllerGrpc.getCreateSnapshotMethod(),
            r -> create((CreateSnapshotRequest) r));
    this.list =
        new Rpc(
            fixture.stack().controller(),
            ControllerGrpc.getListSnapshotsMethod(),
            r -> list((ListSnapshotsRequest) r));
  }

  static List<Case> of(Fixture fixture) {
    var cases = new SnapshotCases(fixture);
    cases.names();
    cases.sources();
    cases.parameters();
    cases.delete();
    cases.get();
    cases.lists();
    return cases.cases.all();
  }

  private ControllerGrpc.ControllerBlockingStub controller() {
    return fixture.stack().controller().client().controller();
  }

  /** Snapshot ids that nobody has: those of volumes are other things' ids. */
  private List<String> nobodies() {
    var id = fixture.snapshot().getSnapshotId();
    return List.of(
        fixture.nobody(),
        fixture.ready().getVolumeId(),
        fixture.published().getVolumeId(),
        id + "0",
        id.toUpperCase(Locale.ROOT));
  }

  private void names() {
    add("name", "missing", INVALID_ARGUMENT, "^name is missing", r -> r.clearName());
    for (var text : Text.overLong()) {
      add("name", text.words(), INVALID_ARGUMENT, "^name .*128", r -> r.setName(text.value()));
    }
    for (var text : Text.nuls()) {
      add("name", text.words(), INVALID_ARGUMENT, "^name .*contr", r -> r.setName(text.value()));
    }
    // The specification allows these in a name; they must not become part of a path or a key.
    for (var texts : List.of(Text.newlines(), Text.waysUp())) {
      for (var text : texts) {
        add("name", text.words() + ", allowed", OK, "", r -> r.setName(text.value()));
      }
    }
    add(
        "name",
        "of another volume's snapshot",
        ALREADY_EXISTS,
        "taken",
        r -> r.setName("taken").setSourceVolumeId(fixture.ready().getVolumeId()));
    wrongUtf8("name", r -> r.setName(Text.PLACE_OF_BYTES));
  }

  private void sources() {
    cases.addWrongIds(
        create,
        "source_volume_id",
        NOT_FOUND,
        "^volume \".* not exist",
        List.of(fixture.nobody(), fixture.snapshot().getSnapshotId(), "other-" + "0".repeat(20)),
        id -> request(r -> r.setSourceVolumeId(id)));
  }

  private void parameters() {
    for (var key : List.of("compression", "backend", "../x", "a\nb", "a\0b", "")) {
      add(
          "parameters",
          "unknown key " + Shown.of(key),
          INVALID_ARGUMENT,
          "^parameters has the unknown key ",
          r -> r.putParameters(key, "1"));
    }
    for (int bytes : new int[] {4097, 60_000}) {
      add(
          "parameters",
          bytes + " bytes",
          INVALID_ARGUMENT,
          "^parameters .*4096",
          r -> r.putParameters("csi.storage.k8s.io/volumesnapshot/name", "x".repeat(bytes)));
    }
    wrongUtf8("parameters", r -> r.putParameters("x", Text.PLACE_OF_BYTES));
  }

  private void delete() {
    var rpc =
        new Rpc(
            fixture.stack().controller(),
            ControllerGrpc.getDeleteSnapshotMethod(),
            r -> {
              var _ = controller().deleteSnapshot((DeleteSnapshotRequest) r);
            });
    cases.addWrongIds(
        rpc,
        "snapshot_id",
        OK,
        "",
        nobodies(),
        id -> DeleteSnapshotRequest.newBuilder().setSnapshotId(id).build());
    // Its snapshots may well exist: they must not be taken for deleted.
    for (var backend : List.of("other", "default2", "x")) {
      cases.add(
          rpc,
          "snapshot_id",
          "of the unknown backend " + backend,
          UNAVAILABLE,
          "^backend " + backend,
          DeleteSnapshotRequest.newBuilder().setSnapshotId(backend + "-" + "0".repeat(20)).build());
    }
  }

  private void get() {
    var rpc =
        new Rpc(
            fixture.stack().controller(),
            ControllerGrpc.getGetSnapshotMethod(),
            r -> {
              var _ = controller().getSnapshot((GetSnapshotRequest) r);
            });
    cases.addWrongIds(
        rpc,
        "snapshot_id",
        NOT_FOUND,
        UNKNOWN,
        nobodies(),
        id -> GetSnapshotRequest.newBuilder().setSnapshotId(id).build());
  }

  private void lists() {
    var tokens = new ArrayList<>(Text.strange().toList());
    tokens.addAll(Text.overLong());
    tokens.add(new Text("a number", "1"));
    tokens.add(new Text("of an unknown backend", "other-" + "0".repeat(20)));
    for (var token : tokens) {
      list(
          "starting_token",
          token.words(),
          ABORTED,
          "^starting_token",
          r -> r.setStartingToken(token.value()));
    }
    for (int most : new int[] {-1, -1000, Integer.MIN_VALUE}) {
      list(
          "max_entries",
          Integer.toString(most),
          INVALID_ARGUMENT,
          "^max_entries is negative",
          r -> r.setMaxEntries(most));
    }
    // A filter that nothing passes is no mistake.
    for (var id : nobodies()) {
      list("snapshot_id", Shown.of(id), OK, "", r -> r.setSnapshotId(id));
    }
    for (var id : List.of(fixture.nobody(), fixture.ready().getVolumeId(), "../x", "a\0b")) {
      list("source_volume_id", Shown.of(id), OK, "", r -> r.setSourceVolumeId(id));
    }
    list(
        "source_volume_id",
        "not that of snapshot_id",
        OK,
        "",
        r ->
            r.setSnapshotId(fixture.snapshot().getSnapshotId())
                .setSourceVolumeId(fixture.ready().getVolumeId()));
    cases.addWrongUtf8(
        list,
        "snapshot_id",
        ListSnapshotsRequest.newBuilder().setSnapshotId(Text.PLACE_OF_BYTES).build());
  }

  private void list(
      String field,
      String input,
      Code code,
      String message,
      Consumer<ListSnapshotsRequest.Builder> change) {
    var request = ListSnapshotsRequest.newBuilder();
    change.accept(request);
    cases.add(list, field, input, code, message, request.build());
  }

  /** None of these calls may find one. */
  private void list(ListSnapshotsRequest request) {
    var found = controller().listSnapshots(request).getEntriesList();
    if (!found.isEmpty()) {
      throw new AssertionError("snapshots were found: " + found);
    }
  }

  private void add(
      String field,
      String input,
      Code code,
      String message,
      Consumer<CreateSnapshotRequest.Builder> change) {
    cases.add(create, field, input, code, message, request(change));
  }

  private void wrongUtf8(String field, Consumer<CreateSnapshotRequest.Builder> change) {
    cases.addWrongUtf8(create, field, request(change));
  }

  private CreateSnapshotRequest request(Consumer<CreateSnapshotRequest.Builder> change) {
    var request = Requests.snapshot("bad", fixture.published()).toBuilder();
    change.accept(request);
    return request.build();
  }

  /** A snapshot that was made nevertheless is deleted at once. */
  private void create(CreateSnapshotRequest request) {
    var made = controller().createSnapshot(request).getSnapshot();
    var _ = controller().deleteSnapshot(Requests.delete(made));
  }
}
