package io.juicebox.controller.check;

import io.juicebox.controller.object.ObjectStore;
import io.juicebox.controller.redis.RedisServer;
import io.juicebox.csi.juicefs.Juicefs;
import io.juicebox.csi.juicefs.JuicefsVersion;
import io.juicebox.csi.status.DriverException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Looks at what the controller stands on. Nothing here throws: a failure is a finding. */
public final class StartupChecks {
  private StartupChecks() {}

  /**
   * Looks at a Redis server.
   *
   * @param databases the setting, when there is one
   * @param mostMemory the share of Redis's memory beyond which no volume is made
   */
  public static List<Check> redis(RedisServer server, OptionalInt databases, double mostMemory) {
    try {
      return RedisChecks.of(server.facts(), databases, mostMemory);
    } catch (DriverException e) {
      return List.of(failed("redis", e));
    }
  }

  /** Looks for the bucket and makes it if it is not there yet. */
  public static List<Check> objectStore(ObjectStore store, String bucket) {
    String name = "object-store.bucket";
    try {
      return List.of(
          switch (store.find(bucket)) {
            case PRESENT -> Check.ok(name, "bucket " + bucket + " is there");
            case ABSENT -> {
              store.ensureBucket(bucket);
              yield Check.ok(name, "bucket " + bucket + " has been made");
            }
          });
    } catch (DriverException e) {
      return List.of(failed(name, e));
    }
  }

  /** Looks at the juicefs program. */
  public static List<Check> juicefs(Juicefs juicefs) {
    String name = "juicefs.version";
    try {
      return List.of(version(name, juicefs.version()));
    } catch (DriverException e) {
      return List.of(failed(name, e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return List.of(Check.error(name, "interrupted"));
    }
  }

  static Check version(String name, Optional<JuicefsVersion> found) {
    return JuicefsVersion.problem(found)
        .map(problem -> Check.error(name, problem))
        .orElseGet(() -> Check.ok(name, "JuiceFS " + found.orElseThrow()));
  }

  private static Check failed(String name, DriverException e) {
    String message = e.getMessage();
    return Check.error(name, message == null ? e.getClass().getSimpleName() : message);
  }
}
