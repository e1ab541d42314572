package io.juicebox.test.badinput;

import static io.grpc.Status.Code.FAILED_PRECONDITION;
import static io.grpc.Status.Code.INVALID_ARGUMENT;
import static io.grpc.Status.Code.NOT_FOUND;
import static io.grpc.Status.Code.OK;

import com.google.protobuf.Message;
import io.grpc.MethodDescriptor;
import io.grpc.Status.Code;
import io.juicebox.csi.spec.NodeGetVolumeHealthRequest;
import io.juicebox.csi.spec.NodeGetVolumeStatsRequest;
import io.juicebox.csi.spec.NodeGrpc;
import io.juicebox.csi.spec.NodePublishVolumeRequest;
import io.juicebox.csi.spec.NodeUnpublishVolumeRequest;
import io.juicebox.test.client.Requests;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;

/** Wrong volume ids and paths in every call of the Node service. */
final class NodeCases {
  private final Fixture fixture;
  private final CaseList cases = new CaseList();

  private NodeCases(Fixture fixture) {
    this.fixture = fixture;
  }

  static List<Case> of(Fixture fixture) {
    var cases = new NodeCases(fixture);
    cases.publish();
    cases.unpublish();
    cases.stats();
    cases.health();
    return cases.cases.all();
  }

  private NodeGrpc.NodeBlockingStub node() {
    return fixture.stack().node().client().node();
  }

  private void publish() {
    BiFunction<String, String, Message> request =
        (id, path) -> publication(path).toBuilder().setVolumeId(id).build();
    var rpc =
        rpc(
            NodeGrpc.getNodePublishVolumeMethod(),
            r -> {
              var _ = node().nodePublishVolume((NodePublishVolumeRequest) r);
            });
    var id = fixture.ready().getVolumeId();
    ids(rpc, NOT_FOUND, i -> request.apply(i, free()));
    paths(rpc, "target_path", p -> request.apply(id, p));
    taken(rpc, "a file", "file", "is a file");
    taken(rpc, "a symbolic link to a directory", "link", "is a symbolic link");
    taken(rpc, "a dangling symbolic link", "dangling", "is a symbolic link");
    taken(rpc, "a directory with content", "full", "is not empty");
    taken(rpc, "a foreign mount", "foreign", "something else is mounted");
    taken(rpc, "another volume's publication", "published", "something else is mounted");
    taken(rpc, "in a directory that is missing", "missing/target", "parent directory .*missing");
    taken(rpc, "below a file", "file/target", "target_path");
    // What follows is the driver's own business.
    var own = fixture.stack().home().resolve("node").resolve("x").toString();
    cases.add(
        rpc,
        "target_path",
        "in the driver's directory",
        INVALID_ARGUMENT,
        "target_path .*driver's own directory",
        request.apply(id, own));
  }

  private void taken(Rpc rpc, String input, String target, String message) {
    cases.add(
        rpc,
        "target_path",
        input,
        FAILED_PRECONDITION,
        message,
        publication(fixture.target(target).toString()));
  }

  private NodePublishVolumeRequest publication(String path) {
    return Requests.publish(
            fixture.ready(),
            fixture.target("free"),
            Fixture.MODE,
            fixture.stack().backend().secrets())
        .toBuilder()
        .setTargetPath(path)
        .build();
  }

  private String free() {
    return fixture.target("free").toString();
  }

  private void unpublish() {
    BiFunction<String, String, Message> request =
        (id, path) ->
            NodeUnpublishVolumeRequest.newBuilder().setVolumeId(id).setTargetPath(path).build();
    var rpc =
        rpc(
            NodeGrpc.getNodeUnpublishVolumeMethod(),
            r -> {
              var _ = node().nodeUnpublishVolume((NodeUnpublishVolumeRequest) r);
            });
    var id = fixture.published().getVolumeId();
    ids(rpc, OK, i -> request.apply(i, free()));
    paths(rpc, "target_path", p -> request.apply(id, p));
    // Nothing of this volume is there, and what is there stays.
    for (var target : List.of("file", "link", "dangling", "full", "directory", "nowhere")) {
      cases.add(
          rpc,
          "target_path",
          "of nothing of ours: " + target,
          OK,
          "",
          request.apply(id, fixture.target(target).toString()));
    }
    cases.add(
        rpc,
        "target_path",
        "a foreign mount",
        FAILED_PRECONDITION,
        "target_path .* is not this volume",
        request.apply(id, fixture.target("foreign").toString()));
    cases.add(
        rpc,
        "target_path",
        "another volume's publication",
        FAILED_PRECONDITION,
        "target_path .* is not this volume",
        request.apply(fixture.ready().getVolumeId(), fixture.target("published").toString()));
  }

  private void stats() {
    BiFunction<String, String, Message> request =
        (id, path) ->
            NodeGetVolumeStatsRequest.newBuilder().setVolumeId(id).setVolumePath(path).build();
    var rpc =
        rpc(
            NodeGrpc.getNodeGetVolumeStatsMethod(),
            r -> {
              var _ = node().nodeGetVolumeStats((NodeGetVolumeStatsRequest) r);
            });
    var id = fixture.published().getVolumeId();
    ids(rpc, NOT_FOUND, i -> request.apply(i, fixture.target("published").toString()));
    paths(rpc, "volume_path", p -> request.apply(id, p));
    for (var target : List.of("nowhere", "file", "link", "directory", "foreign")) {
      cases.add(
          rpc,
          "volume_path",
          "where it is not published: " + target,
          NOT_FOUND,
          "not published at",
          request.apply(id, fixture.target(target).toString()));
    }
    cases.add(
        rpc,
        "volume_path",
        "another volume's publication",
        NOT_FOUND,
        "not published",
        request.apply(fixture.ready().getVolumeId(), fixture.target("published").toString()));
  }

  private void health() {
    ids(
        rpc(
            NodeGrpc.getNodeGetVolumeHealthMethod(),
            r -> {
              var _ = node().nodeGetVolumeHealth((NodeGetVolumeHealthRequest) r);
            }),
        NOT_FOUND,
        id -> NodeGetVolumeHealthRequest.newBuilder().setVolumeId(id).build());
  }

  private Rpc rpc(MethodDescriptor<?, ?> method, Consumer<Message> call) {
    return new Rpc(fixture.stack().node(), method, call);
  }

  private void ids(Rpc rpc, Code unknown, Function<String, Message> request) {
    var nobodies = new ArrayList<>(fixture.nobodies());
    nobodies.add("other-" + "9".repeat(20)); // of an unknown backend
    cases.addWrongIds(rpc, unknown, "(?i)volume ", nobodies, request);
  }

  private void paths(Rpc rpc, String field, Function<String, Message> request) {
    cases.add(rpc, field, "missing", INVALID_ARGUMENT, field + " is missing", request.apply(""));
    for (var path : List.of("relative/path", "./x", "x")) {
      cases.add(
          rpc,
          field,
          Shown.of(path),
          field.equals("volume_path") ? NOT_FOUND : INVALID_ARGUMENT,
          field.equals("volume_path") ? "relative" : field + " is not absolute",
          request.apply(path));
    }
    var free = free();
    for (var path : List.of(free + "/../free", free + "/..", "/.." + free)) {
      cases.add(
          rpc,
          field,
          "with ..",
          INVALID_ARGUMENT,
          field + " has the component \"..\"",
          request.apply(path));
    }
    for (var path :
        List.of(
            free + "\n", free + "\nx", free + "\n/x", free + "\0", free + "\0x", "/\0" + free)) {
      cases.add(
          rpc,
          field,
          path.contains("\n") ? "with a newline" : "with NUL",
          INVALID_ARGUMENT,
          field + " has a control character",
          request.apply(path));
    }
    for (var path :
        List.of(free + "x".repeat(256), free + "/x".repeat(2500), free + "/" + "é".repeat(128))) {
      cases.add(
          rpc,
          field,
          "%d letters long".formatted(path.length()),
          INVALID_ARGUMENT,
          field + " .*longer than",
          request.apply(path));
    }
    for (var path : List.of("/", "//", "/.")) {
      cases.add(
          rpc,
          field,
          Shown.of(path),
          INVALID_ARGUMENT,
          field + " is the root directory",
          request.apply(path));
    }
    cases.addWrongUtf8(rpc, field, request.apply(free + Text.PLACE_OF_BYTES));
  }
}
