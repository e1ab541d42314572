package io.juicebox.node.mount;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.juicebox.csi.ops.Steps;
import io.juicebox.csi.volume.MountParameters;
import io.juicebox.csi.volume.VolumeContext;
import io.juicebox.node.kernel.Deadline;
import io.juicebox.test.server.HungMount;
import io.juicebox.test.server.Signals;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a killed program, a killed juicefs and a lost record leave is taken up or removed. */
class MountsTakenUpTest extends MountsScene {
  /** What a killed program does at a step: nothing more. Not an Exception, so nobody handles it. */
  static final class Killed extends Error {
    private static final long serialVersionUID = 1L;
  }

  @Test
  void nobodyWritesWhereAMountWas() {
    Mount mount = mounts.ensure(volumes.create());
    KERNEL.unmount(mount.directory());

    assertThatThrownBy(() -> Files.createFile(mount.directory().resolve("file")))
        .isInstanceOf(FileSystemException.class);
  }

  @Test
  void aRestartedProgramTakesUpTheMountsThatServe() {
    MountRequest request = volumes.create();
    Mount mount = mounts.ensure(request);

    restart();

    assertThat(mounts.list()).containsExactly(mount);
    assertThat(mounts.ensure(request)).isEqualTo(mount);
    release(request.volume());
    assertNothingLeft();
  }

  @Test
  void aRestartedProgramRemovesWhatCannotServe() {
    Mount mount = mounts.ensure(volumes.create());
    mounts.close();
    kill(mount);

    restart();

    await().untilAsserted(this::assertNothingLeft);
  }

  @Test
  void aMountWithoutAnAnswerAndWithoutAProcessIsReplaced() throws IOException {
    MountRequest request = volumes.create();
    runUntilKilledAt(NodeStep.SEALED, request);
    Path mountPoint = mountPoint(request);
    try (var _ = HungMount.over(mountPoint, "fuse.juicefs", "JuiceFS:hung");
        var impatient = program(withTimeout(Duration.ofMillis(300)), step -> {})) {
      impatient.recover();
      assertThat(KERNEL.mounts().at(mountPoint)).isEmpty();
    }
    assertThat(mounts.ensure(request).directory()).isEqualTo(mountPoint);
  }

  @Test
  void aCacheWithoutAMountIsRemovedAfterTheStart() throws IOException {
    MountRequest request = volumes.create();
    Mount mount = mounts.ensure(request);
    Path orphan = settings.cacheDir().resolve(volumes.create().volume().value());
    Files.createDirectories(orphan.resolve("deep"));
    Path foreign = Files.createDirectories(settings.cacheDir().resolve("not-ours"));

    restart();

    await().until(() -> Files.notExists(orphan));
    assertThat(foreign).exists();
    assertThat(settings.cacheDir().resolve(mount.volume().value())).exists();
  }

  @Test
  void aCacheOfItsOwnPlaceIsFoundWithoutTheRecord() throws IOException {
    Path caches = Files.createDirectories(directory.path().resolve("disk"));
    MountRequest request = withCacheDir(volumes.create(), caches);
    Mount mount = mounts.ensure(request);
    assertThat(caches.resolve(request.volume().value())).isDirectory();
    Files.writeString(mount.directory().resolveSibling("mount.json"), ""); // as after a power cut

    restart();

    assertThat(caches).isEmptyDirectory();
    assertNothingLeft();
  }

  @Test
  void aKilledProcessIsReplacedByTheNextEnsure() throws IOException {
    MountRequest request = volumes.create();
    Mount dead = mounts.ensure(request);
    Files.writeString(dead.directory().resolve("file"), "text");
    kill(dead);

    Mount mount = mounts.ensure(request);

    assertThat(mount.pid()).isNotEqualTo(dead.pid());
    assertThat(mount.directory().resolve("file")).hasContent("text");
    assertThat(KERNEL.mounts().stackedAt(mount.directory())).hasSize(1);
  }

  @ParameterizedTest
  @EnumSource(NodeStep.class)
  void aKillAtAnyStepIsRepairedByCallingAgain(NodeStep step) throws IOException {
    MountRequest request = volumes.create();
    runUntilKilledAt(step, request);

    restart();

    Mount mount = mounts.ensure(request);
    Files.writeString(mount.directory().resolve("file"), "text");
    assertThat(processes()).containsExactly(mount.pid());
    release(request.volume());
    assertNothingLeft();
  }

  private void runUntilKilledAt(NodeStep step, MountRequest request) {
    Steps killing =
        reached -> {
          if (reached == step) {
            throw new Killed();
          }
        };
    try (var torn = program(settings, killing)) {
      assertThatThrownBy(
              () -> {
                torn.ensure(request);
                torn.release(request.volume(), Deadline.after(LIMIT));
              })
          .isInstanceOf(Killed.class);
    }
  }

  private static void kill(Mount mount) {
    Signals.kill(mount.pid());
    await().until(() -> ProcessIdentity.running(mount.pid()).isEmpty());
  }

  private static MountRequest withCacheDir(MountRequest request, Path caches) {
    VolumeContext of = request.context();
    MountParameters mount = of.mount();
    var context =
        new VolumeContext(
            of.number(),
            of.lineage(),
            of.uuid(),
            of.bucket(),
            of.cacheClass(),
            new MountParameters(
                mount.cacheSize(),
                Optional.of(caches),
                mount.bufferSize(),
                mount.memoryLimit(),
                mount.uploadLimit(),
                mount.downloadLimit(),
                mount.allowWriteback()));
    return new MountRequest(
        request.volume(), context, request.backend(), request.options(), request.deadline());
  }
}
