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
  private final List<Case> cases = new ArrayList<>();

  private NodeCases(Fixture fixture) {
    this.fixture = fixture;
  }

  static List<Case> of(Fixture fixture) {
    var cases = new NodeCases(fixture);
    cases.publish();
    cases.unpublish();
    cases.stats();
    cases.health();
    return cases.cases;
  }

  private NodeGrpc.NodeBlockingStub node() {
    return fixture.stack().node().client().node();
  }

  private void publish() {
    var method = NodeGrpc.getNodePublishVolumeMethod();
    BiFunction<String, String, Message> request =
        (id, path) -> publication(path).toBuilder().setVolumeId(id).build();
    Consumer<Message> call =
        r -> {
          var _ = node().nodePublishVolume((NodePublishVolumeRequest) r);
        };
    var id = fixture.ready().getVolumeId();
    ids("NodePublishVolume", method, NOT_FOUND, i -> request.apply(i, free()), call);
    paths("NodePublishVolume", "target_path", method, p -> request.apply(id, p), call);
    taken("a file", "file", "is a file", call);
    taken("a symbolic link to a directory", "link", "is a symbolic link", call);
    taken("a dangling symbolic link", "dangling", "is a symbolic link", call);
    taken("a directory with content", "full", "is not empty", call);
    taken("a foreign mount", "foreign", "something else is mounted", call);
    taken("another volume's publication", "published", "something else is mounted", call);
    taken("in a directory that is missing", "missing/target", "parent directory .*missing", call);
    taken("below a file", "file/target", "target_path", call);
    // What follows is the driver's own business.
    var own = fixture.stack().home().resolve("node").resolve("x").toString();
    add(
        "NodePublishVolume",
        "target_path",
        "in the driver's directory",
        INVALID_ARGUMENT,
        "target_path .*driver's own directory",
        call,
        request.apply(id, own));
  }

  private void taken(String input, String target, String message, Consumer<Message> call) {
    add(
        "NodePublishVolume",
        "target_path",
        input,
        FAILED_PRECONDITION,
        message,
        call,
        publication(fixture.target(target).toString()));
  }

  private NodePublishVolumeRequest publication(String path) {
    return Requests.publish(
            fixture.ready(), fixture.target("free"), Fixture.MODE, fixture.stack().secrets())
        .toBuilder()
        .setTargetPath(path)
        .build();
  }

  private String free() {
    return fixture.target("free").toString();
  }

  private void unpublish() {
    var method = NodeGrpc.getNodeUnpublishVolumeMethod();
    BiFunction<String, String, Message> request =
        (id, path) ->
            NodeUnpublishVolumeRequest.newBuilder().setVolumeId(id).setTargetPath(path).build();
    Consumer<Message> call =
        r -> {
          var _ = node().nodeUnpublishVolume((NodeUnpublishVolumeRequest) r);
        };
    var id = fixture.published().getVolumeId();
    ids("NodeUnpublishVolume", method, OK, i -> request.apply(i, free()), call);
    paths("NodeUnpublishVolume", "target_path", method, p -> request.apply(id, p), call);
    // Nothing of this volume is there, and what is there stays.
    for (var target : List.of("file", "link", "dangling", "full", "directory", "nowhere")) {
      add(
          "NodeUnpublishVolume",
          "target_path",
          "of nothing of ours: " + target,
          OK,
          "",
          call,
          request.apply(id, fixture.target(target).toString()));
    }
    add(
        "NodeUnpublishVolume",
        "target_path",
        "a foreign mount",
        FAILED_PRECONDITION,
        "target_path .* is not this volume",
        call,
        request.apply(id, fixture.target("foreign").toString()));
    add(
        "NodeUnpublishVolume",
        "target_path",
        "another volume's publication",
        FAILED_PRECONDITION,
        "target_path .* is not this volume",
        call,
        request.apply(fixture.ready().getVolumeId(), fixture.target("published").toString()));
  }

  private void stats() {
    var method = NodeGrpc.getNodeGetVolumeStatsMethod();
    BiFunction<String, String, Message> request =
        (id, path) ->
            NodeGetVolumeStatsRequest.newBuilder().setVolumeId(id).setVolumePath(path).build();
    Consumer<Message> call =
        r -> {
          var _ = node().nodeGetVolumeStats((NodeGetVolumeStatsRequest) r);
        };
    var id = fixture.published().getVolumeId();
    ids(
        "NodeGetVolumeStats",
        method,
        NOT_FOUND,
        i -> request.apply(i, fixture.target("published").toString()),
        call);
    paths("NodeGetVolumeStats", "volume_path", method, p -> request.apply(id, p), call);
    for (var target : List.of("nowhere", "file", "link", "directory", "foreign")) {
      add(
          "NodeGetVolumeStats",
          "volume_path",
          "where it is not published: " + target,
          NOT_FOUND,
          "not published at",
          call,
          request.apply(id, fixture.target(target).toString()));
    }
    add(
        "NodeGetVolumeStats",
        "volume_path",
        "another volume's publication",
        NOT_FOUND,
        "not published",
        call,
        request.apply(fixture.ready().getVolumeId(), fixture.target("published").toString()));
  }

  private void health() {
    ids(
        "NodeGetVolumeHealth",
        NodeGrpc.getNodeGetVolumeHealthMethod(),
        NOT_FOUND,
        id -> NodeGetVolumeHealthRequest.newBuilder().setVolumeId(id).build(),
        r -> {
          var _ = node().nodeGetVolumeHealth((NodeGetVolumeHealthRequest) r);
        });
  }

  private void ids(
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
    var strange = new ArrayList<>(Text.strange().toList());
    strange.add(new Text("unknown", "default-" + "9".repeat(20)));
    strange.add(new Text("unknown, of an unknown backend", "other-" + "9".repeat(20)));
    strange.add(new Text("unknown, one letter more", fixture.ready().getVolumeId() + "0"));
    for (var text : strange) {
      add(
          rpc,
          "volume_id",
          text.words(),
          unknown,
          unknown == OK ? "" : "(?i)volume ",
          call,
          request.apply(text.value()));
    }
    cases.addAll(
        Raw.wrongUtf8(
            rpc, "volume_id", fixture.stack().node(), method, request.apply(Text.PLACE_OF_BYTES)));
  }

  private void paths(
      String rpc,
      String field,
      MethodDescriptor<?, ?> method,
      Function<String, Message> request,
      Consumer<Message> call) {
    add(rpc, field, "missing", INVALID_ARGUMENT, field + " is ", call, request.apply(""));
    for (var path : List.of("relative/path", "./x", "x")) {
      add(
          rpc,
          field,
          Shown.of(path),
          field.equals("volume_path") ? NOT_FOUND : INVALID_ARGUMENT,
          field.equals("volume_path") ? "relative" : field + " is not absolute",
          call,
          request.apply(path));
    }
    var free = free();
    for (var path : List.of(free + "/../free", free + "/..", "/.." + free)) {
      add(
          rpc,
          field,
          "with ..",
          INVALID_ARGUMENT,
          field + " has the component \"..\"",
          call,
          request.apply(path));
    }
    for (var path :
        List.of(
            free + "\n", free + "\nx", free + "\n/x", free + "\0", free + "\0x", "/\0" + free)) {
      add(
          rpc,
          field,
          path.contains("\n") ? "with a newline" : "with NUL",
          INVALID_ARGUMENT,
          field + " has a control character",
          call,
          request.apply(path));
    }
    for (var path :
        List.of(free + "x".repeat(256), free + "/x".repeat(2500), free + "/" + "é".repeat(128))) {
      add(
          rpc,
          field,
          "%d letters long".formatted(path.length()),
          INVALID_ARGUMENT,
          field + " .*longer than",
          call,
          request.apply(path));
    }
    for (var path : List.of("/", "//", "/.")) {
      add(
          rpc,
          field,
          Shown.of(path),
          INVALID_ARGUMENT,
          field + " is the root directory",
          call,
          request.apply(path));
    }
    cases.addAll(
        Raw.wrongUtf8(
            rpc, field, fixture.stack().node(), method, request.apply(free + Text.PLACE_OF_BYTES)));
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
