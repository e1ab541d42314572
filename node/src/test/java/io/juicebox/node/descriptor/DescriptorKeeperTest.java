package io.juicebox.node.descriptor;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.juicebox.csi.volume.BackendName;
import io.juicebox.csi.volume.VolumeId;
import io.juicebox.node.kernel.Descriptor;
import io.juicebox.node.kernel.Descriptors;
import io.juicebox.node.kernel.UnixSockets;
import io.juicebox.node.kernel.UnixSockets.Kind;
import io.juicebox.node.kernel.UnixSockets.Received;
import io.juicebox.test.server.TestDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What juicefs and the holders of copies say and hear; any descriptor stands for FUSE's. */
class DescriptorKeeperTest {
  private static final byte[] INIT = "x".repeat(104).getBytes(US_ASCII);

  private final TestDirectory directory = TestDirectory.create("d");
  private final Path copies = directory.path().resolve("copies");
  private final UnixSockets sockets = new UnixSockets();
  private final Descriptors descriptors = new Descriptors();
  private final VolumeId volume = VolumeId.random(new BackendName("default"));
  private DescriptorKeeper keeper = new DescriptorKeeper(Optional.of(copies));

  @AfterEach
  void stop() {
    keeper.close();
    directory.close();
  }

  @Test
  void theFirstProcessIsToldThatThereIsNoneAndPutsIts() {
    serve(volume);
    assertThat(get(volume).bytes()).isEqualTo("FUSE");
    put(volume);
    await().until(() -> keeper.holds(volume));

    Received next = get(volume);

    assertThat(next.bytes()).isEqualTo(new String(INIT, US_ASCII));
    assertThat(next.descriptors()).hasSize(2);
    assertThat(keeper.resend(volume)).isFalse(); // nothing but FUSE takes it
  }

  @Test
  void anotherVolumeHasNothingOfIt() {
    VolumeId other = VolumeId.random(new BackendName("default"));
    serve(volume);
    serve(other);
    put(volume);
    await().until(() -> keeper.holds(volume));

    assertThat(keeper.holds(other)).isFalse();
    assertThat(get(other).descriptors()).hasSize(1);
  }

  @Test
  void whatAProcessOfAnotherVersionAnswersIsNoDescriptor() {
    serve(volume);
    answer(volume, "CLOSE".getBytes(US_ASCII));
    put(volume);
    await().until(() -> keeper.holds(volume));
    assertThat(get(volume).bytes()).isEqualTo(new String(INIT, US_ASCII));
  }

  @Test
  void theNextKeeperGetsItBackFromTheCopies() {
    serve(volume);
    put(volume);
    try (var plugin = new DescriptorCopies(copies)) {
      await().until(() -> plugin.held() == 1);
      keeper.close();
      keeper = new DescriptorKeeper(Optional.of(copies));
      serve(volume);
      keeper.settled();
      await().until(() -> keeper.holds(volume));
      assertThat(get(volume).descriptors()).hasSize(2);

      keeper.drop(volume);
      await().until(() -> plugin.held() == 0);
      assertThat(keeper.holds(volume)).isFalse();
    }
  }

  @Test
  void copiesOfVolumesThatAreNoMoreAreClosed() {
    serve(volume);
    put(volume);
    try (var plugin = new DescriptorCopies(copies)) {
      await().until(() -> plugin.held() == 1);
      keeper.close();
      keeper = new DescriptorKeeper(Optional.of(copies));
      keeper.settled();
      await().until(() -> plugin.held() == 0);
    }
  }

  @Test
  void aHolderThatComesLaterGetsAll() {
    serve(volume);
    put(volume);
    await().until(() -> keeper.holds(volume));
    try (var first = new DescriptorCopies(copies);
        var second = new DescriptorCopies(copies)) {
      await().until(() -> first.held() == 1 && second.held() == 1);
    }
  }

  @Test
  void anEndIsToldAlsoWhenItWasBefore() throws Exception {
    Process process = new ProcessBuilder("sleep", "60").start();
    var ends = new CountDownLatch(2);
    keeper.watch(process.pid(), ends::countDown);
    process.destroyForcibly().waitFor();
    keeper.watch(process.pid(), ends::countDown);
    assertThat(ends.await(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void noDescriptorIsLeft() throws IOException {
    serve(volume);
    long before = open();
    for (int i = 0; i < 50; i++) {
      VolumeId other = VolumeId.random(new BackendName("default"));
      serve(other);
      put(other);
      await().until(() -> keeper.holds(other));
      put(other); // a second one is closed
      closeAll(get(other));
      keeper.drop(other);
    }
    await().untilAsserted(() -> assertThat(open()).isLessThanOrEqualTo(before));
  }

  private void serve(VolumeId of) {
    keeper.serve(of, socket(of), directory.path().resolve(of + ".init"));
  }

  private Path socket(VolumeId of) {
    return directory.path().resolve(of.value());
  }

  /** As a juicefs that starts. */
  private Received get(VolumeId of) {
    try (Descriptor connection = sockets.connect(Kind.STREAM, socket(of))) {
      return received(connection);
    }
  }

  /** As a juicefs that has mounted. */
  private void put(VolumeId of) {
    answer(of, INIT);
  }

  private void answer(VolumeId of, byte[] bytes) {
    try (Descriptor connection = sockets.connect(Kind.STREAM, socket(of));
        Descriptor fuse = descriptors.nothing()) {
      closeAll(received(connection));
      sockets.send(connection, bytes, List.of(fuse));
    }
  }

  private Received received(Descriptor connection) {
    return await().until(() -> sockets.receive(connection), Optional::isPresent).orElseThrow();
  }

  private static void closeAll(Received received) {
    received.descriptors().forEach(Descriptor::close);
  }

  private static long open() throws IOException {
    try (var files = Files.list(Path.of("/proc/self/fd"))) {
      return files.count();
    }
  }
}
