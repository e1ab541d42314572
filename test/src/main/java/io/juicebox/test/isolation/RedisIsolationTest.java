package io.juicebox.test.isolation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Every command of this very server, as whoever has stolen the keys of one volume. */
@Tag("isolation")
@DisplayName("isolation: Redis")
final class RedisIsolationTest {
  /** What JuiceFS needs, see juicefs.md; a command is here or it is refused. */
  private static final Set<String> ALLOWED =
      Set.of(
          ("ping info cluster|info select get set setnx mget mset del exists incr incrby decr"
                  + " decrby hget hset hsetnx hmget hmset hdel hlen hkeys hgetall hexists hincrby"
                  + " hscan sadd srem smembers zadd zrem zscore zrange zrangebyscore rpush rpushx"
                  + " lpush lrange llen ltrim watch unwatch multi exec discard")
              .split(" ", -1));

  /** How a connection begins and ends: everybody's, before any user is known. */
  private static final Set<String> OF_CONNECTIONS = Set.of("auth", "hello", "quit", "reset");

  /** Two commands are refused to everybody before anybody's rights are looked at. */
  private static final Pattern REFUSAL =
      Pattern.compile("-NOPERM .*|-ERR (DEBUG|MODULE) command not allowed.*");

  private static TwoVolumes volumes;

  @BeforeAll
  static void start() {
    volumes = TwoVolumes.create();
  }

  @AfterAll
  static void stop() {
    volumes.close();
  }

  @TestFactory
  Stream<DynamicTest> everyOtherCommandIsRefused() {
    return commands().stream()
        .filter(command -> !ALLOWED.contains(command.name()))
        .filter(command -> !OF_CONNECTIONS.contains(command.name()))
        .map(command ->
            dynamicTest(
                command.name(),
                () -> assertThat(volumes.asFirst(command.words())).matches(REFUSAL)));
  }

  @TestFactory
  Stream<DynamicTest> everyOtherNumberIsRefused() {
    int own = volumes.firstNumber();
    return IntStream.of(0, 1, volumes.secondNumber(), own + 1, own * 10, 4095)
        .filter(number -> number != own)
        .mapToObj(number ->
            dynamicTest(
                "SELECT " + number,
                () ->
                    assertThat(volumes.asFirst(List.of("SELECT", Integer.toString(number))))
                        .matches(REFUSAL)));
  }

  @Test
  void theOthersPasswordIsNotTakenForOurs() {
    assertThat(
            volumes
                .stack()
                .backend()
                .redis()
                .as(volumes.firstUser(), volumes.secondPassword(), 0, List.of("PING")))
        .contains("WRONGPASS");
  }

  /** A command as the server knows it, with as many arguments as it takes at least. */
  private record Command(String name, List<String> words) {
    static Command of(List<?> described) {
      String name = String.valueOf(described.get(0));
      int arity = Math.abs(((Long) described.get(1)).intValue());
      var words = new ArrayList<>(List.of(name.split("\\|", -1)));
      words.addAll(Collections.nCopies(Math.max(0, arity - words.size()), "1"));
      return new Command(name, words);
    }
  }

  /** All of them, and their subcommands in place of those that have some. */
  private static List<Command> commands() {
    var client = RedisClient.create(RedisURI.create(volumes.stack().backend().redis().uri(0)));
    try (var connection = client.connect()) {
      return connection.sync().command().stream()
          .flatMap(each -> {
            var described = (List<?>) each;
            List<?> subcommands = described.size() > 9 ? (List<?>) described.get(9) : List.of();
            return subcommands.isEmpty()
                ? Stream.of(Command.of(described))
                : subcommands.stream().map(sub -> Command.of((List<?>) sub));
          })
          .toList();
    } finally {
      client.shutdown(0, 0, TimeUnit.SECONDS);
    }
  }
}
