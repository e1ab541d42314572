package io.juicebox.test.badinput;

import com.google.protobuf.Message;
import io.grpc.MethodDescriptor;
import io.juicebox.test.stack.DriverProcess;
import java.util.function.Consumer;

/**
 * One call of the driver's.
 *
 * @param call makes it with a request
 */
record Rpc(DriverProcess program, MethodDescriptor<?, ?> method, Consumer<Message> call) {
  String name() {
    return String.valueOf(method.getBareMethodName());
  }
}
