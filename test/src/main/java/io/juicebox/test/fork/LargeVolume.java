package io.juicebox.test.fork;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import io.grpc.Status.Code;
import io.juicebox.csi.spec.CreateSnapshotResponse;
import io.juicebox.csi.spec.Snapshot;
import io.juicebox.test.isolation.Loader;
import io.juicebox.test.isolation.ManyFiles;
import io.juicebox.test.isolation.OwnVolume;
import io.juicebox.test.server.Waiting;
import io.juicebox.test.stack.Inventory;
import io.juicebox.test.table.Outcome;
import io.lettuce.core.ClientListArgs;
import io.lettuce.core.KillArgs;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A volume that is read bit by bit, and a snapshot of it; copies are held against its files. */
final class LargeVolume implements AutoCloseable {
  /** More than one step may read. */
  private static final int FILES = 5 * CopyScene.KEYS_AT_ONCE;

  /** Between which its writer waits a millisecond: a cut seldom has the luck to meet that. */
  private static final int WRITES = 50;

  private static final int MOST_CUTS = 20;
  private static final Duration PUBLISHED = Duration.ofSeconds(60);
  private static final Duration REST = Duration.ofSeconds(60);
  private static final Duration POLL = Duration.ofMillis(100);

  private final CopyScene scene;
  private final OwnVolume volume;
  private final Snapshot kept;
  private final Inventory rest;
  private final RedisClient client;
  private final RedisCommands<String, String> redis;

  private LargeVolume(CopyScene scene, OwnVolume volume) {
    this.scene = scene;
    this.volume = volume;
    kept = volume.snapshot("of-large");
    rest = scene.stack().inventory();
    client = RedisClient.create(scene.stack().backend().redis().uri(volume.number()));
    redis = client.connect().sync();
  }

  static LargeVolume create(CopyScene scene) {
    var volume = OwnVolume.create(scene.stack(), "large");
    volume.publish();
    Loader.fill(volume, files(volume), FILES);
    volume.unpublish();
    return new LargeVolume(scene, volume);
  }

  private static ManyFiles files(OwnVolume volume) {
    return new ManyFiles(volume.target().resolve("files"));
  }

  Message make(Copy copy, String name) {
    return scene.make(copy, volume, kept, name);
  }

  /** Milliseconds that a copy takes which nothing comes between, but the writer. */
  int undisturbed(Copy copy) {
    try (var _ = write()) {
      var made = Outcome.of(() -> make(copy, "undisturbed"));
      scene.delete(made.get());
      return (int) made.took().toMillis();
    }
  }

  /** Whether writes were ever paused to copy it, as the controller's log has it. */
  boolean hasPausedWrites() {
    var read = "volume %s were read for".formatted(volume.volume().getVolumeId());
    return Readings.of(scene.stack()).stream()
        .anyMatch(line ->
            line.contains(read) && line.contains("pause=PT") && !line.contains("pause=PT0S"));
  }

  /** Another one that holds the same, for a test that deletes it. */
  OwnVolume fork(String name) {
    return volume.fork(name);
  }

  /**
   * Somebody writes to it until that is closed, so that a copy needs a pause, and changes nothing.
   */
  Bystander write() {
    return Bystander.start(() -> {
      for (int i = 0; i < WRITES; i++) {
        var _ = redis.incrby("usedSpace", 0);
      }
    });
  }

  /**
   * Copies a volume over and over, and ends the feed's connection whenever there is one: the first
   * outcome that is not OK.
   */
  Outcome<Message> cutFeed(Copy copy, OwnVolume source) {
    for (int i = 0; i < MOST_CUTS; i++) {
      var name = "cut-" + i;
      var call =
          CompletableFuture.supplyAsync(
              () -> Outcome.of(() -> scene.make(copy, source, kept, name)));
      while (!call.isDone()) {
        if (redis.clientList(ClientListArgs.Builder.typePubsub()).contains(" psub=1 ")) {
          redis.clientKill(KillArgs.Builder.typePubsub());
        }
      }
      if (call.join().code() != Code.OK) {
        return call.join();
      }
      scene.delete(call.join().get());
    }
    throw new AssertionError("the feed was never cut in time");
  }

  /** Holds a copy against its files, and deletes the copy; calls as a CO does. */
  void checkAndDelete(Message answer) {
    if (answer instanceof CreateSnapshotResponse made) {
      var snapshot = made.getSnapshot();
      assertThat(snapshot.getReadyToUse()).isTrue();
      var name = "of-" + snapshot.getSnapshotId();
      checkAndDelete(CopyScene.settled(() -> scene.make(Copy.RESTORE, volume, snapshot, name)));
      scene.delete(snapshot);
    } else {
      scene.checkAndDelete(answer, LargeVolume::check);
    }
  }

  private static void check(OwnVolume copy) {
    // As the kubelet does, whatever the code: a Redis that was restarted lacks users at first.
    var _ = Waiting.until(() -> isPublished(copy), PUBLISHED, POLL);
    copy.publish();
    files(copy).check(0, FILES);
    copy.unpublish();
  }

  private static boolean isPublished(OwnVolume copy) {
    return Outcome.of(
                () -> {
                  copy.publish();
                  return copy;
                })
            .code()
        == Code.OK;
  }

  /** Nothing is there but what was there before the first copy of it, and all of that is. */
  void requireRest() {
    assertThat(scene.stack().leftSince(rest, REST)).as("what copies left or took along").isEmpty();
  }

  /** Reads all of it and of its snapshot, and deletes both. */
  void end() {
    check(volume);
    scene.delete(volume.volume());
    checkAndDelete(make(Copy.RESTORE, "of-large"));
    scene.delete(kept);
  }

  @Override
  public void close() {
    client.shutdown(0, 0, TimeUnit.SECONDS);
  }
}
