package io.juicebox.test.faults;

import io.juicebox.test.server.Command;
import io.juicebox.test.server.MemoryCgroups;
import io.juicebox.test.server.ProcessMark;
import io.juicebox.test.server.Remains;
import io.juicebox.test.server.Signals;
import io.juicebox.test.server.TestDirectory;
import io.juicebox.test.server.Tools;
import io.juicebox.test.server.Waiting;
import io.juicebox.test.stack.LocalStack;
import io.juicebox.test.stack.Rounds;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What one volume lacks costs that volume only, is told, and is over when it is there again. */
@Tag("faults")
@DisplayName("faults: one volume lacks memory, disk or its program")
final class IllVolumeTest {
  @RegisterExtension static final FaultTable TABLE = new FaultTable();

  private static final int ROUNDS = Rounds.of(3, 10);

  /** The successor of a process that was killed once. */
  private static final Duration REVIVED = Duration.ofSeconds(2);

  /** Attempts are ever rarer; after so short a time the next is near. */
  private static final Duration CURED = Duration.ofSeconds(8);

  private static final Duration AWAY = Duration.ofSeconds(3);

  /** After this the next end of a process has nothing to do with the last. */
  private static final Duration SETTLE = Duration.ofSeconds(6);

  private static final Duration COMMAND = Duration.ofSeconds(20);
  private static final Duration TOLD = Duration.ofSeconds(5);
  private static final Duration POLL = Duration.ofMillis(20);
  private static final String DISK = "size=16m";

  private static TestDirectory programs;
  private static LocalStack stack;
  private static Neighbours neighbours;

  @BeforeAll
  static void start() {
    programs = TestDirectory.create("p");
    install();
    stack = LocalStack.builder().mountService().node("JUICEFS", program().toString()).start();
    neighbours = Neighbours.start(stack);
  }

  @AfterAll
  static void stop() {
    try (var _ = programs;
        var _ = stack) {
      neighbours.close();
    }
  }

  /** Something else takes the memory that the volume's processes may have together. */
  @Test
  void memory() {
    var row = new Row("a volume's memory is at its limit", REVIVED);
    var parameters = Map.of("memoryLimit", "256Mi");
    run(
        row,
        parameters,
        (volume, load) -> {
          long juicefs = volume.juicefs();
          var mark = ProcessMark.of(juicefs).orElseThrow();
          long start = System.nanoTime();
          long gone = fillMemory(juicefs); // before, it was slow for want of memory
          if (!Waiting.until(() -> !mark.isAlive(), TOLD, POLL)) {
            throw new AssertionError("the kernel has ended another process than juicefs");
          }
          var outage = new Outage(start, Outage.awaitServed(load, gone));
          row.pause(Duration.ofNanos(outage.served() - gone));
          Wait.of(SETTLE);
          requireLogged(row, volume, "was ended by the kernel at its memory limit of 256 MiB");
          return Optional.of(outage);
        });
  }

  @Test
  void cacheDisk() throws IOException {
    var row = new Row("the disk of a volume's cache is full", REVIVED);
    var disk = Files.createDirectories(stack.home().resolve("disk"));
    command("mount", "-t", "tmpfs", "-o", DISK, "tmpfs", disk.toString());
    try {
      run(
          row,
          Map.of("cacheDir", disk.toString()),
          (volume, load) -> {
            var filler = disk.resolve("filler");
            long start = System.nanoTime();
            fillDisk(filler);
            Wait.of(AWAY);
            delete(filler);
            Wait.of(SETTLE);
            var seen = load.seen().between(start, Long.MAX_VALUE);
            row.pause(seen.longestPause());
            return Optional.empty();
          });
    } finally {
      Remains.unmount(disk);
    }
  }

  @Test
  void programMissing() {
    var row = new Row("juicefs is killed, its program is missing for 3 s", CURED);
    run(
        row,
        Map.of(),
        (volume, load) -> {
          delete(program());
          return Optional.of(withoutProgram(row, volume, load, program().toString()));
        });
  }

  @Test
  void programBroken() {
    var row = new Row("juicefs is killed, its program is broken for 3 s", CURED);
    run(
        row,
        Map.of(),
        (volume, load) -> {
          delete(program());
          write(program(), "#!/bin/sh\necho this juicefs is broken\nexit 3\n");
          return Optional.of(withoutProgram(row, volume, load, "this juicefs is broken"));
        });
  }

  private static Outage withoutProgram(Row row, LoadedVolume volume, Load load, String cause) {
    long juicefs = volume.juicefs();
    long start = System.nanoTime();
    try {
      Signals.kill(juicefs);
      if (!Waiting.until(() -> cause(volume).contains(cause), TOLD, POLL)) {
        row.mistake("'%s' is not the cause that is told, but '%s'".formatted(cause, cause(volume)));
      }
      Wait.of(AWAY);
    } finally {
      install();
    }
    long cured = System.nanoTime();
    long served = Outage.awaitServed(load, cured);
    row.pause(Duration.ofNanos(served - cured));
    Wait.of(SETTLE);
    return new Outage(start, served);
  }

  /** One round of a fault; whether juicefs was killed in it. */
  private interface Fault {
    Optional<Outage> strike(LoadedVolume volume, Load load);
  }

  private static void run(Row row, Map<String, String> parameters, Fault fault) {
    var volume = LoadedVolume.create(stack, "ill-" + System.nanoTime(), parameters);
    volume.publish();
    try (volume;
        var load = volume.load(Load.ALL)) {
      load.awaitReady();
      var outages = new ArrayList<Outage>();
      for (int round = 0; round < ROUNDS; round++) {
        fault.strike(volume, load).ifPresent(outages::add);
      }
      var seen = load.stop();
      row.errors(seen);
      Contract.juicefsKilled(seen, outages).forEach(row::mistake);
      row.note(seen.acknowledged() + " acknowledged");
    }
    neighbours.tell(row);
    row.finish(TABLE);
  }

  private static String cause(LoadedVolume volume) {
    return volume.mount().getHealth().getCause();
  }

  /** For what is over before anybody can ask. */
  private static void requireLogged(Row row, LoadedVolume volume, String words) {
    try (var lines = Files.lines(stack.mountService().program().log())) {
      if (lines.noneMatch(line -> line.contains(volume.id()) && line.contains(words))) {
        row.mistake("nothing says that it " + words);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns when the kernel has ended a process for it. */
  private static long fillMemory(long juicefs) {
    var cgroup = MemoryCgroups.of(juicefs).orElseThrow();
    var when =
        Command.run(
            COMMAND,
            List.of(
                Tools.python().toString(),
                "-B",
                Load.script("ballast").toString(),
                cgroup.toString(),
                Long.toString(juicefs)));
    return Long.parseLong(when.strip());
  }

  private static void fillDisk(Path filler) {
    command("sh", "-c", "! dd if=/dev/zero of=\"$0\" bs=64k status=none", filler.toString());
  }

  private static void command(String... words) {
    var _ = Command.run(COMMAND, List.of(words));
  }

  private static Path program() {
    return programs.path().resolve("juicefs");
  }

  /** Puts the real program in its place, at once. */
  private static void install() {
    try {
      var fresh = programs.path().resolve("fresh");
      Files.createSymbolicLink(fresh, Tools.program("juicefs"));
      Files.move(
          fresh, program(), StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void write(Path program, String text) {
    try {
      Files.writeString(program, text);
      Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
