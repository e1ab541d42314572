package io.juicebox.controller;

import io.juicebox.controller.check.Check;
import io.juicebox.controller.check.StartupChecks;
import io.juicebox.controller.redis.RedisServer;
import io.juicebox.csi.juicefs.Juicefs;
import io.juicebox.csi.status.DriverException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** What the controller stands on: said once in the log at the start, and asked by /readyz. */
final class Surroundings {
  private static final Logger LOG = LoggerFactory.getLogger(Surroundings.class);
  private static final Duration BUCKET_PAUSE = Duration.ofSeconds(2);

  private final List<Connections> backends;
  private final ControllerSettings settings;

  Surroundings(List<Connections> backends, ControllerSettings settings) {
    this.backends = backends;
    this.settings = settings;
  }

  /** Looks at everything in the background and writes a line for each finding. */
  void report() {
    Thread.ofVirtual().name("startup-checks").start(this::reportAll);
  }

  private void reportAll() {
    log("here", StartupChecks.juicefs(new Juicefs(settings.juicefs())));
    for (Connections backend : backends) {
      String name = "backend " + backend.name().value();
      log(
          name,
          StartupChecks.redis(
              new RedisServer(backend.redis()), settings.databases(), settings.maxRedisMemory()));
      Thread.ofVirtual().name("bucket-check").start(() -> reportBucket(name, backend));
    }
  }

  /**
   * Until it is well: whoever starts together with the object store may be the quicker one, and
   * without the bucket we would not be ready before somebody wants a volume.
   */
  private static void reportBucket(String name, Connections backend) {
    List<Check> told = List.of();
    while (true) {
      var found = StartupChecks.objectStore(backend.objects(), backend.keys().bucket());
      if (!found.equals(told)) {
        log(name, found);
        told = found;
      }
      if (found.stream().noneMatch(check -> check.level() == Check.Level.ERROR)) {
        return;
      }
      try {
        Thread.sleep(BUCKET_PAUSE);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private static void log(String where, List<Check> checks) {
    for (Check check : checks) {
      Level level =
          switch (check.level()) {
            case OK -> Level.INFO;
            case WARN -> Level.WARN;
            case ERROR -> Level.ERROR;
          };
      LOG.atLevel(level).log("{}: {}: {}", where, check.name(), check.sentence());
    }
  }

  /** A line for each backend's part that is away; empty when all are there. */
  String unready() {
    List<Callable<Optional<String>>> looks =
        backends.stream()
            .flatMap(backend ->
                Stream.<Callable<Optional<String>>>of(
                    () -> redisFailure(backend), () -> objectStoreFailure(backend)))
            .toList();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      return threads.invokeAll(looks).stream()
          .map(Future::resultNow)
          .flatMap(Optional::stream)
          .map(line -> line + "\n")
          .collect(Collectors.joining());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "the controller is ending\n";
    }
  }

  private static Optional<String> redisFailure(Connections backend) {
    return failure(() -> {
      new RedisServer(backend.redis()).memory();
      return Optional.empty();
    });
  }

  private static Optional<String> objectStoreFailure(Connections backend) {
    String bucket = backend.keys().bucket();
    return failure(() ->
        switch (backend.objects().find(bucket)) {
          case PRESENT -> Optional.empty();
          case ABSENT ->
              Optional.of(
                  "%s has no bucket %s; the next volume makes it"
                      .formatted(backend.keys().objectStoreName(), bucket));
        });
  }

  private static Optional<String> failure(Supplier<Optional<String>> look) {
    try {
      return look.get();
    } catch (DriverException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }
}
