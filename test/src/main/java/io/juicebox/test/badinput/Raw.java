package io.juicebox.test.badinput;

import com.google.protobuf.Message;
import io.grpc.Status.Code;
import java.util.List;

/** Calls whose request is no valid message. */
final class Raw {
  private Raw() {}

  /**
   * Cases of bytes that are no UTF-8.
   *
   * @param request with {@link Text#PLACE_OF_BYTES} where they belong
   */
  static List<Case> wrongUtf8(Rpc rpc, String field, Message request) {
    return Text.wrongUtf8().entrySet().stream()
        .map(bytes ->
            new Case(
                rpc.name(),
                field,
                bytes.getKey(),
                Code.INVALID_ARGUMENT,
                "UTF-8",
                () -> {
                  var encoded = Text.encoded(request, bytes.getValue());
                  var method = rpc.method().getFullMethodName();
                  return rpc.program().client().call(method, encoded).length + " bytes";
                }))
        .toList();
  }
}
