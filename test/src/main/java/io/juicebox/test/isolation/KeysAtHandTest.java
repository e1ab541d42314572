package io.juicebox.test.isolation;

import static org.assertj.core.api.Assertions.assertThat;

import io.juicebox.test.server.Remains;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Where the keys of a volume lie while it is published: with those that need them, and nowhere
 * else.
 */
@Tag("isolation")
@DisplayName("isolation: keys at hand")
final class KeysAtHandTest {
  private static TwoVolumes volumes;

  @BeforeAll
  static void start() {
    volumes = TwoVolumes.create();
  }

  @AfterAll
  static void stop() {
    volumes.close();
  }

  @Test
  void noProcessLeavesCoreDumps() throws IOException {
    for (long pid : ours()) {
      assertThat(Files.readString(Path.of("/proc/" + pid + "/limits")))
          .as("process %d", pid)
          .containsPattern("Max core file size +0 +0 ");
    }
  }

  @Test
  void noArgumentHasThem() throws IOException {
    for (long pid : Remains.processesNaming(volumes.stack().home())) {
      assertNone("the arguments of " + pid, bytes(Path.of("/proc/" + pid + "/cmdline")));
    }
  }

  /** The processes that serve volumes have them there; nobody else. */
  @Test
  void onlyJuicefsHasThemInItsEnvironment() throws IOException {
    var holders = new ArrayList<String>();
    for (long pid : Remains.processesNaming(volumes.stack().home())) {
      String environment = bytes(Path.of("/proc/" + pid + "/environ"));
      if (secrets().stream().anyMatch(environment::contains)) {
        holders.add(Files.readString(Path.of("/proc/" + pid + "/comm")).strip());
      }
    }
    assertThat(holders).containsExactly("juicefs");
  }

  @Test
  void noLogHasThem() throws IOException {
    for (Path log : files(volumes.stack().home())) {
      if (log.toString().endsWith(".log")) {
        assertNone(log.toString(), Files.readString(log));
      }
    }
  }

  @Test
  void filesThatHaveThemAreTheirOwnersAlone() throws IOException {
    var holders = new ArrayList<String>();
    for (Path file : files(volumes.stack().home())) {
      String content = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
      if (secrets().stream().anyMatch(content::contains)) {
        holders.add(volumes.stack().home().relativize(file).toString());
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
            .as(file.toString())
            .isEqualTo("rw-------");
      }
    }
    assertThat(holders)
        .anyMatch(holder -> holder.startsWith("credentials/"))
        .anyMatch(holder -> holder.startsWith("node/run/"))
        .allMatch(holder -> holder.startsWith("credentials/") || holder.startsWith("node/run/"));
  }

  @Test
  void neitherTheRegistryNorTheMetadataHaveThem() {
    var redis = volumes.stack().backend().redis();
    for (int number : List.of(1, volumes.firstNumber(), volumes.secondNumber())) {
      var everything = new StringBuilder();
      for (String key : redis.cli(number, "KEYS", "*").lines().toList()) {
        everything.append(redis.cli(number, "DUMP", key));
        everything.append(
            switch (redis.cli(number, "TYPE", key)) {
              case "hash" -> redis.cli(number, "HGETALL", key);
              case "string" -> redis.cli(number, "GET", key);
              case String other -> other;
            });
      }
      assertThat(everything.length()).isGreaterThan(100);
      assertNone("number " + number, everything.toString());
    }
  }

  private static void assertNone(String where, String text) {
    assertThat(secrets().stream().filter(text::contains)).as(where).isEmpty();
  }

  /** Both passwords of the volume. */
  private static List<String> secrets() {
    Map<String, String> keys = volumes.firstKeys();
    return List.of(
        String.valueOf(keys.get("redis-password")), String.valueOf(keys.get("object-secret-key")));
  }

  private static List<Long> ours() {
    var stack = volumes.stack();
    var pids = new ArrayList<>(List.of(stack.node().pid(), stack.mountService().pid()));
    for (long pid : Remains.processesNaming(stack.home())) {
      try {
        if (Files.readString(Path.of("/proc/" + pid + "/comm")).strip().equals("juicefs")) {
          pids.add(pid);
        }
      } catch (IOException e) {
        // it ended meanwhile
      }
    }
    assertThat(pids).hasSizeGreaterThan(2);
    return pids;
  }

  private static String bytes(Path file) throws IOException {
    return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
  }

  /** Regular files outside of mounts, caches and the servers' own data. */
  private static List<Path> files(Path home) throws IOException {
    var found = new ArrayList<Path>();
    var pending = new ArrayList<>(List.of(home));
    while (!pending.isEmpty()) {
      try (var entries = Files.newDirectoryStream(pending.removeLast())) {
        for (Path entry : entries) {
          boolean own =
              !List.of("mount", "targets", "cache", "default")
                  .contains(entry.getFileName().toString());
          if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS) && own) {
            pending.add(entry);
          } else if (Files.isRegularFile(entry, LinkOption.NOFOLLOW_LINKS)) {
            found.add(entry);
          }
        }
      }
    }
    return found;
  }
}
