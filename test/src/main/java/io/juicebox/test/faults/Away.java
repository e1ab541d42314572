package io.juicebox.test.faults;

import io.juicebox.test.server.Command;
import io.juicebox.test.server.Signals;
import io.juicebox.test.stack.Backend;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/** A server of a backend that is away for a while. */
enum Away {
  REDIS_STOPPED("stopped", "Redis stopped 5 s", 5),
  REDIS_STOPPED_LONG("stoppedlong", "Redis stopped 40 s", 40),
  REDIS_RESTARTED("restarted", "Redis restarted after 5 s", 5),
  REDIS_RESTARTED_LONG("restartedlong", "Redis restarted after 40 s", 40),
  OBJECTS_STOPPED("objects", "object store stopped 30 s", 30),

  /** In a network namespace of this stack's own, where a rule of the kernel hurts nobody else. */
  BLACK_HOLE("blackhole", "all packets to both lost for 20 s", 20);

  /** Those that need no network of their own. */
  static final List<Away> HERE =
      Arrays.stream(values()).filter(away -> away != BLACK_HOLE).toList();

  private static final Duration RECOVERED = Duration.ofSeconds(5);

  /** TCP sends lost packets again after twice the time, each time: as late as it was long. */
  private static final Duration RESENT = Duration.ofSeconds(30);

  private static final Duration COMMAND = Duration.ofSeconds(20);

  private final String backend;
  private final String title;
  private final Duration time;

  Away(String backend, String title, long seconds) {
    this.backend = backend;
    this.title = title;
    this.time = Duration.ofSeconds(seconds);
  }

  /** The backend that nothing else happens to. */
  String backend() {
    return backend;
  }

  String title() {
    return title;
  }

  Duration time() {
    return time;
  }

  /** How long after its return the last operation may fail or wait. */
  Duration recovered() {
    return this == BLACK_HOLE ? RESENT : RECOVERED;
  }

  /** Takes it away. */
  void begin(Backend servers) {
    switch (this) {
      case REDIS_STOPPED, REDIS_STOPPED_LONG -> Signals.stop(servers.redis().pid());
      case REDIS_RESTARTED, REDIS_RESTARTED_LONG -> servers.redis().kill();
      case OBJECTS_STOPPED -> Signals.stop(servers.minio().pid());
      case BLACK_HOLE -> dropPackets("-A", servers);
    }
  }

  /** Brings it back; returns when it answers. */
  void end(Backend servers) {
    switch (this) {
      case REDIS_STOPPED, REDIS_STOPPED_LONG -> Signals.resume(servers.redis().pid());
      case REDIS_RESTARTED, REDIS_RESTARTED_LONG -> servers.redis().restart();
      case OBJECTS_STOPPED -> Signals.resume(servers.minio().pid());
      case BLACK_HOLE -> dropPackets("-D", servers);
    }
  }

  /**
   * @param change -A adds the rules, -D deletes them
   */
  private static void dropPackets(String change, Backend servers) {
    int objects = URI.create(servers.minio().endpoint()).getPort();
    for (int port : List.of(servers.redis().port(), objects)) {
      var rule =
          "iptables %s INPUT -i lo -p tcp --dport %d -j DROP"
              .formatted(change, port)
              .split(" ", -1);
      var _ = Command.run(COMMAND, List.of(rule));
    }
  }
}
