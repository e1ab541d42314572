package io.juicebox.test.stack;

import io.juicebox.test.client.CsiClient;
import io.juicebox.test.client.MountServiceClient;
import io.juicebox.test.server.Tools;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A program of ours, and the way it runs in production: {@code java @jvm.options ...}. */
enum Program {
  CONTROLLER("controller", ""),
  NODE("node", ""),
  MOUNT_SERVICE("node", "io.juicebox.node.service.Main");

  private final String module;
  private final String mainClass;

  /**
   * @param mainClass empty for the one that the jar's manifest names
   */
  Program(String module, String mainClass) {
    this.module = module;
    this.mainClass = mainClass;
  }

  /** How it is started from the working copy. */
  List<String> command() {
    var root =
        Tools.repository()
            .orElseThrow(() -> new IllegalStateException("not inside a working copy of Juicebox"));
    var jar = root.resolve(module + "/target/juicebox-" + module + ".jar");
    if (!Files.exists(jar)) {
      throw new IllegalStateException(jar + " is missing: run `make build` first");
    }
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin/java").toString());
    command.add("@" + root.resolve(module + "/jvm.options"));
    command.addAll(
        mainClass.isEmpty()
            ? List.of("-jar", jar.toString())
            : List.of("-cp", jar.toString(), mainClass));
    return command;
  }

  /** Where a program of that name listens. */
  Path socket(Path home, String name) {
    return switch (this) {
      case CONTROLLER, NODE -> home.resolve(name + ".sock");
      case MOUNT_SERVICE -> home.resolve(name).resolve("mount.sock");
    };
  }

  /** The setting that tells the program so. */
  String endpointSetting() {
    return switch (this) {
      case CONTROLLER, NODE -> "CSI_ENDPOINT";
      case MOUNT_SERVICE -> "MOUNT_SERVICE_DIR";
    };
  }

  /** The value of that setting. */
  String endpoint(Path home, String name) {
    return switch (this) {
      case CONTROLLER, NODE -> "unix://" + socket(home, name);
      case MOUNT_SERVICE -> home.resolve(name).toString();
    };
  }

  /** Whether it serves at a socket now. */
  boolean answers(Path socket) {
    return switch (this) {
      case CONTROLLER, NODE -> CsiClient.probe(socket);
      case MOUNT_SERVICE -> MountServiceClient.answers(socket);
    };
  }
}
