package io.juicebox.test.local;

import io.juicebox.test.server.SecretFile;
import io.juicebox.test.stack.DriverProcess;
import io.juicebox.test.stack.LocalStack;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Writes what other programs need to use the stack: {@code env} in shell syntax and csi-sanity's
 * YAML files.
 */
final class EnvFile {
  private EnvFile() {}

  static void write(LocalStack stack, Path env) {
    var backend = stack.backend();
    var values = new TreeMap<String, String>();
    values.put("CONTROLLER_ENDPOINT", stack.controller().endpoint());
    values.put("NODE_ENDPOINT", stack.node().endpoint());
    values.put("SECRETS_FILE", writeSecrets(stack.home()).toString());
    values.put("PARAMETERS_FILE", writeParameters(stack.home()).toString());
    values.put("REDIS_URL", backend.redis().uri(1));
    values.put("S3_ENDPOINT", backend.minio().endpoint());
    values.put("S3_BUCKET", backend.bucket());
    values.put("S3_ACCESS_KEY", backend.minio().accessKey());
    values.put("S3_SECRET_KEY", backend.minio().secretKey());
    values.put("REDIS_PID_FILE", backend.redis().program().pidFile().toString());
    values.put("REDIS_LOG", backend.redis().program().log().toString());
    values.put("MINIO_PID_FILE", backend.minio().program().pidFile().toString());
    values.put("MINIO_LOG", backend.minio().program().log().toString());
    addProcess(values, stack.controller());
    addProcess(values, stack.node());
    for (var service : stack.mountServices()) {
      values.put("MOUNT_SERVICE_DIR", service.setting("MOUNT_SERVICE_DIR"));
      addProcess(values, service);
    }
    write(
        env,
        values.entrySet().stream()
            .map(entry -> entry.getKey() + "='" + entry.getValue() + "'\n")
            .collect(Collectors.joining()));
  }

  private static void addProcess(Map<String, String> values, DriverProcess process) {
    var prefix = process.name().toUpperCase(Locale.ROOT).replace('-', '_');
    values.put(prefix + "_PID_FILE", process.program().pidFile().toString());
    values.put(prefix + "_LOG", process.program().log().toString());
    values.put(prefix + "_OPS", "http://" + process.setting("OPS_ADDRESS"));
  }

  /** None: the node finds each volume's own in its directory. */
  private static Path writeSecrets(Path home) {
    return write(home.resolve("secrets.yaml"), "NodePublishVolumeSecret: {}\n");
  }

  private static Path writeParameters(Path home) {
    return write(home.resolve("parameters.yaml"), "compression: lz4\ntrashDays: \"0\"\n");
  }

  private static Path write(Path file, String text) {
    try {
      return Files.writeString(Files.createFile(file, SecretFile.MODE), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
