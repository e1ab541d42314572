package io.juicebox.test.faults;

import io.juicebox.csi.spec.Volume;
import io.juicebox.mountservice.v1.ListRequest;
import io.juicebox.test.bench.BareJuicefs;
import io.juicebox.test.bench.Memory;
import io.juicebox.test.client.MountServiceClient;
import io.juicebox.test.server.RunningProgram;
import io.juicebox.test.server.TestDirectory;
import io.juicebox.test.stack.LocalStack;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** No fault: what fifty volumes on one node cost when nobody uses them. */
@Tag("faults")
@DisplayName("faults: none, fifty volumes on one node")
final class FiftyVolumesTest {
  @RegisterExtension static final FaultTable TABLE = new FaultTable();

  private static final int VOLUMES = 50;
  private static final int AT_ONCE = 8;
  private static final double PSS = 18; // MiB of a juicefs
  private static final double SHARE = 1; // MiB of ours for each
  private static final double CPU = 0.2; // percent of a core

  /** What a mount does at its beginning is over then. */
  private static final Duration IDLE = Duration.ofSeconds(30);

  private static final Duration LOOK = Duration.ofSeconds(30);
  private static final Duration CALL = Duration.ofSeconds(90);

  /** Far above the numbers that the controller hands out. */
  private static final int FIRST_BARE_NUMBER = 3000;

  private static LocalStack stack;
  private static Life life;

  @BeforeAll
  static void start() {
    stack = LocalStack.builder().mountService().start();
    life = new Life(stack, new Persistence(CALL), stack.home().resolve("original"));
  }

  @AfterAll
  static void stop() {
    stack.close();
  }

  @Test
  void costLittle() throws Exception {
    var row = new Row(VOLUMES + " volumes published, " + AT_ONCE + " at a time", CALL);
    var volumes = new ArrayList<Volume>(); // made before, so that both have only mounts to make
    for (int i = 0; i < VOLUMES; i++) {
      volumes.add(life.create("many-" + i));
    }
    warmUp(volumes);
    double empty = ours(Memory::pss);
    var bare = mountBare();
    long start = System.nanoTime();
    var _ = atOnce(i -> publish(volumes.get(i)));
    row.pause(Duration.ofNanos(System.nanoTime() - start));
    row.note("bare %d ms".formatted(bare.took().toMillis()));
    Wait.of(IDLE);
    measure(row, empty, bare.cpu());
    row.finish(TABLE);
    var _ =
        atOnce(i -> {
          var volume = volumes.get(i);
          return () -> {
            life.unpublish(volume, stack.target(volume.getVolumeId()));
            life.delete(volume);
            return volume;
          };
        });
  }

  private static void measure(Row row, double empty, double bareCpu) {
    var mounts = juicefs();
    double oursBefore = ours(Processor::milliseconds);
    double cpu = cpuOfEach(mounts);
    double ourCpu = 100 * (ours(Processor::milliseconds) - oursBefore) / LOOK.toMillis();
    double pss = mounts.stream().mapToDouble(Memory::pss).average().orElseThrow();
    double share = (ours(Memory::pss) - empty) / mounts.size();
    limit(row, "MiB PSS of a juicefs", pss, PSS);
    limit(row, "MiB of ours for each", share, SHARE);
    limit(row, "% of a core of a juicefs", cpu, CPU);
    row.note("bare %.2f %%".formatted(bareCpu));
    row.note("both programs %.1f %% of a core".formatted(ourCpu));
    if (mounts.size() != VOLUMES) {
      row.mistake(mounts.size() + " processes");
    }
  }

  /** Percent of a core that each of these processes takes from now on; looks for a while. */
  private static double cpuOfEach(List<Long> pids) {
    double before = pids.stream().mapToDouble(Processor::milliseconds).sum();
    Wait.of(LOOK);
    double after = pids.stream().mapToDouble(Processor::milliseconds).sum();
    return 100 * (after - before) / pids.size() / LOOK.toMillis();
  }

  private static void limit(Row row, String what, double value, double most) {
    row.note("%.2f %s".formatted(value, what));
    if (value > most) {
      row.mistake("%.2f %s; the bound is %.2f".formatted(value, what, most));
    }
  }

  /** The sum of both programs of the node. */
  private static double ours(ToDoubleFunction<Long> figure) {
    return Stream.of(stack.node(), stack.mountService())
        .mapToDouble(program -> figure.applyAsDouble(program.pid()))
        .sum();
  }

  private static List<Long> juicefs() {
    try (var service = MountServiceClient.of(stack.mountService().socket())) {
      return service.calls().list(ListRequest.getDefaultInstance()).getEntriesList().stream()
          .map(entry -> entry.getMount().getPid())
          .toList();
    }
  }

  /** The programs grow with their first calls, whatever these are about. */
  private static void warmUp(List<Volume> volumes) {
    for (int round = 0; round < 2; round++) {
      for (var volume : volumes.subList(0, AT_ONCE)) {
        life.publish(volume, stack.target(volume.getVolumeId()));
        life.unpublish(volume, stack.target(volume.getVolumeId()));
      }
    }
  }

  private static Callable<Volume> publish(Volume volume) {
    return () -> {
      life.publish(volume, stack.target(volume.getVolumeId()));
      return volume;
    };
  }

  /**
   * As many mounts by hand.
   *
   * @param took until all were there
   * @param cpu see {@link #cpuOfEach}
   */
  private record Bare(Duration took, double cpu) {}

  /** They are gone again when this returns. */
  private static Bare mountBare() throws Exception {
    try (var directory = TestDirectory.create("b")) {
      var bare = new BareJuicefs(stack.backend(), directory.path());
      for (int i = 0; i < VOLUMES; i++) {
        bare.format(FIRST_BARE_NUMBER + i);
      }
      long start = System.nanoTime();
      List<RunningProgram> programs = atOnce(i -> () -> bare.mount(FIRST_BARE_NUMBER + i));
      var took = Duration.ofNanos(System.nanoTime() - start);
      Wait.of(IDLE);
      double cpu = cpuOfEach(programs.stream().map(RunningProgram::pid).toList());
      for (int i = 0; i < VOLUMES; i++) {
        bare.unmount(FIRST_BARE_NUMBER + i, programs.get(i));
      }
      return new Bare(took, cpu);
    }
  }

  private static <T> List<T> atOnce(IntFunction<Callable<T>> work) throws Exception {
    try (var threads = Executors.newFixedThreadPool(AT_ONCE)) {
      var all = threads.invokeAll(IntStream.range(0, VOLUMES).mapToObj(work).toList());
      return all.stream().map(FiftyVolumesTest::done).toList();
    }
  }

  private static <T> T done(Future<T> work) {
    try {
      return work.get();
    } catch (ExecutionException e) {
      throw new AssertionError(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
