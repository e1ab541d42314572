package io.juicebox.test.badinput;

import static io.grpc.Status.Code.INVALID_ARGUMENT;
import static io.grpc.Status.Code.OK;

import com.google.protobuf.Message;
import io.grpc.Status.Code;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Collects cases, and knows those that calls of both services have. */
final class CaseList {
  private final List<Case> cases = new ArrayList<>();

  List<Case> all() {
    return List.copyOf(cases);
  }

  void add(Case one) {
    cases.add(one);
  }

  void add(Rpc rpc, String field, String input, Code code, String message, Message request) {
    add(
        new Case(
            rpc.name(),
            field,
            input,
            code,
            message,
            () -> {
              rpc.call().accept(request);
              return "";
            }));
  }

  /**
   * @param request with {@link Text#PLACE_OF_BYTES} where bytes that are no UTF-8 belong
   */
  void addWrongUtf8(Rpc rpc, String field, Message request) {
    cases.addAll(Raw.wrongUtf8(rpc, field, request));
  }

  /** What every call with a volume id does about a wrong one. */
  void addWrongIds(
      Rpc rpc,
      Code unknown,
      String message,
      List<String> nobodies,
      Function<String, Message> request) {
    addWrongIds(rpc, "volume_id", unknown, message, nobodies, request);
  }

  /**
   * What every call with an id does about a wrong one.
   *
   * @param field that has the id, as messages name it
   * @param unknown the code where nobody has it
   * @param message the message where nobody has it
   * @param nobodies well-formed ids that nobody has
   * @param request by the id
   */
  void addWrongIds(
      Rpc rpc,
      String field,
      Code unknown,
      String message,
      List<String> nobodies,
      Function<String, Message> request) {
    add(rpc, field, "missing", INVALID_ARGUMENT, "^" + field + " is missing", request.apply(""));
    for (var text : Text.overLong()) {
      add(
          rpc,
          field,
          text.words(),
          INVALID_ARGUMENT,
          "^" + field + " .*128",
          request.apply(text.value()));
    }
    var strange = new ArrayList<>(Text.strange().toList());
    nobodies.forEach(id -> strange.add(new Text("unknown: " + Shown.of(id), id)));
    for (var text : strange) {
      add(
          rpc,
          field,
          text.words(),
          unknown,
          unknown == OK ? "" : message,
          request.apply(text.value()));
    }
    addWrongUtf8(rpc, field, request.apply(Text.PLACE_OF_BYTES));
  }
}
