package io.juicebox.test.badinput;

import io.grpc.Status.Code;
import java.util.function.Supplier;

/**
 * One wrong input.
 *
 * @param field as the specification spells it
 * @param input in words
 * @param message what the message has to contain, a regular expression; it names the field
 * @param call makes the call; what it returns for OK is looked at like the message of an error
 */
record Case(
    String rpc, String field, String input, Code code, String message, Supplier<String> call) {
  @Override
  public String toString() {
    return "%s %s: %s".formatted(rpc, field, input);
  }
}
