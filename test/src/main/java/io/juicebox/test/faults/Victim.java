package io.juicebox.test.faults;

import io.juicebox.mountservice.v1.ListRequest;
import io.juicebox.test.client.MountServiceClient;
import io.juicebox.test.server.ProcessMark;
import io.juicebox.test.server.Signals;
import io.juicebox.test.stack.DriverProcess;
import io.juicebox.test.stack.LocalStack;
import java.util.Optional;
import java.util.Random;

/** A process of the driver that is killed with SIGKILL, and started again by whoever runs it. */
enum Victim {
  CONTROLLER("controller"),
  PLUGIN("plugin"),
  MOUNT_SERVICE("mount service"),
  JUICEFS("juicefs");

  private final String title;

  Victim(String title) {
    this.title = title;
  }

  String title() {
    return title;
  }

  /** Kills it; what our programs have lost serves again when this returns. */
  void kill(LocalStack stack, Random choice) {
    switch (this) {
      case CONTROLLER -> again(stack.controller());
      case PLUGIN -> again(stack.node());
      case MOUNT_SERVICE -> again(stack.mountService());
      case JUICEFS -> killJuicefs(stack, choice);
    }
  }

  private static void again(DriverProcess program) {
    Signals.kill(program.pid());
    program.restart();
  }

  /** The driver sees to its successor. One that ends by itself meanwhile has not been killed. */
  private static void killJuicefs(LocalStack stack, Random choice) {
    try (var service = MountServiceClient.of(stack.mountService().socket())) {
      var running =
          service.calls().list(ListRequest.getDefaultInstance()).getEntriesList().stream()
              .map(entry -> ProcessMark.of(entry.getMount().getPid()))
              .flatMap(Optional::stream)
              .toList();
      if (!running.isEmpty()) {
        var victim = running.get(choice.nextInt(running.size()));
        ProcessHandle.of(victim.pid()).ifPresent(ProcessHandle::destroyForcibly);
      }
    }
  }
}
