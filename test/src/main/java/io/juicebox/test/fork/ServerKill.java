package io.juicebox.test.fork;

import io.grpc.Status.Code;
import io.juicebox.test.server.TestingServer;
import io.juicebox.test.stack.Backend;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A server that is killed while a copy stands at a step.
 *
 * @param codes what the call may then end with
 */
record ServerKill(Copy copy, Server server, String step, Then then, Set<Code> codes) {

  /** One that a copy needs; its name as messages have it. */
  enum Server {
    REDIS("Redis"),
    OBJECT_STORE("object store");

    private final String words;

    Server(String words) {
      this.words = words;
    }

    TestingServer of(Backend backend) {
      return switch (this) {
        case REDIS -> backend.redis();
        case OBJECT_STORE -> backend.minio();
      };
    }

    @Override
    public String toString() {
      return words;
    }
  }

  /** What the CO does after the failure. */
  enum Then {
    CALLED_AGAIN("called again"),
    GIVEN_UP("given up");

    private final String words;

    Then(String words) {
      this.words = words;
    }

    @Override
    public String toString() {
      return words;
    }
  }

  /** Those of each run. */
  static List<ServerKill> some() {
    return List.of(
        of(Copy.SNAPSHOT, Server.REDIS, "snapshot.read", Then.CALLED_AGAIN),
        of(Copy.SNAPSHOT, Server.OBJECT_STORE, "snapshot.read", Then.GIVEN_UP),
        of(Copy.CLONE, Server.REDIS, "create.read", Then.CALLED_AGAIN),
        of(Copy.RESTORE, Server.REDIS, "create.prepared", Then.GIVEN_UP),
        of(Copy.RESTORE, Server.OBJECT_STORE, "create.intent", Then.CALLED_AGAIN));
  }

  /** Every copy, at each of its steps, without each server, with both ends. */
  static List<ServerKill> all() {
    return Arrays.stream(Copy.values())
        .flatMap(copy -> copy.steps().stream().flatMap(step -> at(copy, step)))
        .toList();
  }

  private static Stream<ServerKill> at(Copy copy, String step) {
    return Arrays.stream(Server.values())
        .flatMap(server -> Arrays.stream(Then.values()).map(then -> of(copy, server, step, then)));
  }

  private static ServerKill of(Copy copy, Server server, String step, Then then) {
    return new ServerKill(copy, server, step, then, codes(server, step));
  }

  /** Redis is needed to the end; of the object store nothing may be needed any more. */
  private static Set<Code> codes(Server server, String step) {
    boolean early = List.of("snapshot.intent", "snapshot.read", "create.intent").contains(step);
    return server == Server.REDIS || early
        ? Set.of(Code.UNAVAILABLE)
        : Set.of(Code.UNAVAILABLE, Code.OK);
  }

  @Override
  public String toString() {
    return "%s, %s after %s, %s".formatted(copy, server, step, then);
  }
}
