package io.juicebox.test.fork;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import io.grpc.Status.Code;
import io.juicebox.csi.spec.ControllerGrpc.ControllerBlockingStub;
import io.juicebox.csi.spec.CreateSnapshotResponse;
import io.juicebox.csi.spec.CreateVolumeResponse;
import io.juicebox.csi.spec.Snapshot;
import io.juicebox.csi.spec.Volume;
import io.juicebox.csi.spec.VolumeCapability.AccessMode.Mode;
import io.juicebox.test.client.Requests;
import io.juicebox.test.fork.Member.Kept;
import io.juicebox.test.isolation.OwnVolume;
import io.juicebox.test.stack.Inventory;
import io.juicebox.test.stack.LocalStack;
import io.juicebox.test.table.Outcome;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * A volume with a clone and a snapshot, of which no block is dead, in a stack whose controller can
 * be held at its steps and soon gives up what nobody calls for again. Copies are made of them,
 * torn, and deleted; none of that may change the three.
 */
final class CopyScene implements AutoCloseable {
  /** What has more is read bit by bit: the volumes of each test are not. */
  static final int KEYS_AT_ONCE = 500;

  private static final Mode MODE = Mode.SINGLE_NODE_MULTI_WRITER;
  private static final Duration CALLS = Duration.ofSeconds(60);

  private final LocalStack stack;
  private final Contents contents;
  private final Member source;
  private final Member clone;
  private final Kept kept;
  private final Inventory rest;
  private final AtomicInteger victims = new AtomicInteger();

  private CopyScene(LocalStack stack) {
    this.stack = stack;
    contents = new Contents(stack);
    source = Member.first(contents, stack, "source");
    clone = source.fork("clone");
    clone.fill();
    kept = source.snapshot("kept");
    rest = stack.inventory();
  }

  static CopyScene start() {
    var stack =
        LocalStack.builder()
            .holdable()
            .controller("COLLECT_INTERVAL", "1s")
            .controller("SWEEP_BLOCKS_INTERVAL", "2s")
            .controller("BLOCK_MIN_AGE", "3s")
            .controller("SWEEP_INTERVAL", "1s")
            .controller("INTENT_TIMEOUT", "5s")
            .controller("COPY_KEYS_AT_ONCE", Integer.toString(KEYS_AT_ONCE))
            .start();
    try {
      return new CopyScene(stack);
    } catch (RuntimeException | Error e) {
      stack.close();
      throw e;
    }
  }

  LocalStack stack() {
    return stack;
  }

  Member source() {
    return source;
  }

  Snapshot snapshot() {
    return kept.snapshot();
  }

  ControllerBlockingStub controller() {
    return stack.controller().client().controller();
  }

  /** Makes a copy of the source or of its snapshot. */
  Message make(Copy copy, String name) {
    return make(copy, source.volume(), snapshot(), name);
  }

  /** Makes a copy of a volume or of a snapshot of it. */
  Message make(Copy copy, OwnVolume volume, Snapshot snapshot, String name) {
    return switch (copy) {
      case SNAPSHOT -> controller().createSnapshot(Requests.snapshot(name, volume.volume()));
      case CLONE -> controller().createVolume(Requests.from(name, volume.volume(), MODE));
      case RESTORE -> controller().createVolume(Requests.from(name, snapshot, MODE));
    };
  }

  /** Another volume that holds what the source does, for tests that delete it. */
  Member victim() {
    return source.fork("victim-" + victims.incrementAndGet());
  }

  /** Holds a copy against what the source has, whatever became of that, and deletes it. */
  void checkAndDelete(Message answer) {
    checkAndDelete(answer, kept);
  }

  /** Holds a copy against what a snapshot of its source has, and deletes the copy. */
  void checkAndDelete(Message answer, Kept wanted) {
    checkAndDelete(answer, copy -> new Member(contents, copy, 0, wanted.files()).check());
  }

  /** Has a copy checked as a volume that is published nowhere, and deletes it. */
  void checkAndDelete(Message answer, Consumer<OwnVolume> check) {
    switch (answer) {
      case CreateSnapshotResponse made -> {
        var snapshot = made.getSnapshot();
        assertThat(snapshot.getReadyToUse()).isTrue();
        checkAndDelete(
            make(Copy.RESTORE, source.volume(), snapshot, "of-" + snapshot.getSnapshotId()), check);
        delete(snapshot);
      }
      case CreateVolumeResponse made -> {
        var volume = made.getVolume();
        var target = stack.target(volume.getVolumeId());
        check.accept(new OwnVolume(stack, volume, target));
        delete(volume);
      }
      default -> throw new AssertionError(answer);
    }
  }

  /** Deletes a copy. */
  void delete(Message answer) {
    switch (answer) {
      case CreateSnapshotResponse made -> delete(made.getSnapshot());
      case CreateVolumeResponse made -> delete(made.getVolume());
      default -> throw new AssertionError(answer);
    }
  }

  void delete(Snapshot snapshot) {
    var _ = settled(() -> controller().deleteSnapshot(Requests.delete(snapshot)));
  }

  void delete(Volume volume) {
    var _ = settled(() -> controller().deleteVolume(Requests.delete(volume)));
  }

  /** Calls as a CO does, until the outcome is final, which has to be a good one. */
  static <T> T settled(Supplier<T> call) {
    var outcome = Outcome.ofRepeated(CALLS, call);
    assertThat(outcome.code()).as("the outcome of the last call: %s", outcome).isEqualTo(Code.OK);
    return outcome.get();
  }

  /** Nothing is there but what was there before the first copy, and all of that is. */
  void requireRest() {
    assertThat(stack.leftSince(rest, CALLS)).as("what copies left or took along").isEmpty();
  }

  /** Everything can still be read. */
  void requireContents() {
    source.check();
    clone.check();
    checkAndDelete(make(Copy.RESTORE, "last"));
    requireRest();
  }

  @Override
  public void close() {
    contents.close();
    stack.close();
  }
}
