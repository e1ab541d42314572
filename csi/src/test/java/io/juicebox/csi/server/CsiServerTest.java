package io.juicebox.csi.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.common.util.concurrent.ListenableFuture;
import io.grpc.Status;
import io.juicebox.csi.spec.NodePublishVolumeRequest;
import io.juicebox.csi.spec.NodePublishVolumeResponse;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CsiServerTest {
  private static final NodePublishVolumeRequest REQUEST =
      NodePublishVolumeRequest.newBuilder().setVolumeId("v").build();

  @TempDir private Path folder;
  private Path socket = Path.of("/");

  @BeforeEach
  void choosePath() {
    socket = folder.resolve("csi.sock");
  }

  @Test
  void servesCallsOnASocketThatOnlyTheOwnerCanUse() throws Exception {
    try (var node = TestingNode.doing(socket, request -> {})) {
      assertThat(node.client().node().nodePublishVolume(REQUEST))
          .isEqualTo(NodePublishVolumeResponse.getDefaultInstance());
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
          .isEqualTo("rw-------");
    }
  }

  @Test
  void socketIsBoundWhereNobodyElseCanReachIt() throws Exception {
    Path birthplace = folder.resolve(".0123");
    new OwnSocket(socket, birthplace)
        .show(() -> {
          assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(birthplace)))
              .isEqualTo("rwx------");
          assertThat(socket).doesNotExist();
          bind(birthplace.resolve("s")).close();
        });
    assertThat(socket).exists();
    assertThat(birthplace).doesNotExist();
  }

  @Test
  void nothingButTheSocketIsLeftWhileItServes() throws Exception {
    try (var node = TestingNode.doing(socket, request -> {})) {
      assertThat(node.calls).isEmpty();
      assertThat(folder).isDirectoryNotContaining(file -> !file.equals(socket));
    }
  }

  @Test
  void nothingIsLeftAfterTheEnd() throws Exception {
    TestingNode.doing(socket, request -> {}).stop();
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void missingFolderIsMade() throws Exception {
    Path deeper = folder.resolve("a/b/csi.sock");
    try (var node = TestingNode.doing(deeper, request -> {})) {
      assertThatCode(() -> node.client().node().nodePublishVolume(REQUEST))
          .doesNotThrowAnyException();
      assertThat(
              PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("a/b"))))
          .isEqualTo("rwx------");
    }
  }

  @Test
  void oneConnectionHasALimitedNumberOfCallsAtOnce() throws Exception {
    int limit = 256;
    var running = new AtomicInteger();
    var mayEnd = new CountDownLatch(1);
    try (var node =
        TestingNode.doing(
            socket,
            request -> {
              running.incrementAndGet();
              waitFor(mayEnd);
            })) {
      var calls = new ArrayList<ListenableFuture<NodePublishVolumeResponse>>();
      for (int i = 0; i < limit + 44; i++) {
        calls.add(node.client().nodeLater().nodePublishVolume(REQUEST));
      }
      await().until(() -> running.get() >= limit);
      await().during(Duration.ofMillis(300)).until(() -> running.get() == limit);
      mayEnd.countDown();
      for (var call : calls) {
        assertThat(call.get()).isEqualTo(NodePublishVolumeResponse.getDefaultInstance());
      }
    }
  }

  @Test
  void folderMayBeASymbolicLink() throws Exception {
    Files.createDirectory(folder.resolve("real"));
    Path link = Files.createSymbolicLink(folder.resolve("link"), folder.resolve("real"));
    try (var node = TestingNode.doing(link.resolve("s"), request -> {})) {
      assertThatCode(() -> node.client().node().nodePublishVolume(REQUEST))
          .doesNotThrowAnyException();
    }
  }

  @Test
  void socketOfAKilledProcessIsReplaced() throws Exception {
    bind(socket).close();
    assertThat(socket).exists();
    try (var node = TestingNode.doing(socket, request -> {})) {
      assertThatCode(() -> node.client().node().nodePublishVolume(REQUEST))
          .doesNotThrowAnyException();
    }
  }

  @Test
  void socketThatIsServedIsRefusedAndGoesOn() throws Exception {
    try (var node = TestingNode.doing(socket, request -> {})) {
      var second = new CsiServer(new Endpoint(socket), List.of(), List.of());
      assertThatThrownBy(second::start)
          .isInstanceOf(IOException.class)
          .hasMessage(socket + " is served by another process; stop it first");
      second.drain(Duration.ZERO);
      assertThatCode(() -> node.client().node().nodePublishVolume(REQUEST))
          .doesNotThrowAnyException();
      assertThat(socket).exists();
    }
  }

  @Test
  void socketOfAServerThatHangsIsRefusedAtOnce() throws Exception {
    try (var hanging = bind(socket)) {
      var waiting = new ArrayList<SocketChannel>();
      try {
        assertThatThrownBy(
                () -> {
                  while (true) {
                    var client = SocketChannel.open(StandardProtocolFamily.UNIX);
                    waiting.add(client);
                    client.configureBlocking(false);
                    client.connect(UnixDomainSocketAddress.of(socket));
                  }
                })
            .isInstanceOf(IOException.class);
        assertThatStartFails("csi.sock is served can't be told");
        assertThat(hanging.isOpen()).isTrue();
      } finally {
        for (var client : waiting) {
          client.close();
        }
      }
    }
  }

  @Test
  void fileIsRefusedAndKept() throws Exception {
    Files.writeString(socket, "precious");
    assertThatStartFails("exists and is no socket");
    assertThat(socket).hasContent("precious");
  }

  @Test
  void directoryIsRefused() throws Exception {
    Files.createDirectory(socket);
    assertThatStartFails("exists and is no socket");
  }

  @Test
  void symbolicLinkIsRefusedAndItsTargetKept() throws Exception {
    Path target = folder.resolve("target.sock");
    bind(target).close();
    Files.createSymbolicLink(socket, target);
    assertThatStartFails("exists and is no socket");
    assertThat(target).exists();
  }

  @Test
  void danglingSymbolicLinkIsRefused() throws Exception {
    Files.createSymbolicLink(socket, folder.resolve("nowhere"));
    assertThatStartFails("exists and is no socket");
    assertThat(folder.resolve("nowhere")).doesNotExist();
  }

  @Test
  void pipeIsRefusedAndKept() throws Exception {
    assertThat(new ProcessBuilder("mkfifo", socket.toString()).start().waitFor()).isZero();
    assertThatStartFails("exists and is no socket");
    assertThat(Files.exists(socket, LinkOption.NOFOLLOW_LINKS)).isTrue();
  }

  @Test
  void rivalThatWasFasterKeepsTheSocket() throws Exception {
    assertThatThrownBy(() ->
            new OwnSocket(socket, folder.resolve(".0123"))
                .show(() -> {
                  bind(folder.resolve(".0123/s")).close();
                  Files.writeString(socket, "the rival's");
                }))
        .isInstanceOf(IOException.class);
    assertThat(socket).hasContent("the rival's");
    assertThat(folder.resolve(".0123")).doesNotExist();
  }

  @Test
  void failedStartLeavesNoThread() throws Exception {
    Files.writeString(socket, "in the way");
    assertThatStartFails("exists and is no socket");
    await().until(() -> eventLoopThreads() == 0);
  }

  private static long eventLoopThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("multiThreadIoEventLoopGroup"))
        .count();
  }

  @Test
  void drainingLetsACallEnd() throws Exception {
    var began = new CountDownLatch(1);
    var mayEnd = new CountDownLatch(1);
    try (var node =
        TestingNode.doing(
            socket,
            request -> {
              began.countDown();
              waitFor(mayEnd);
            })) {
      var call = node.client().nodeLater().nodePublishVolume(REQUEST);
      began.await();
      var drain = Thread.ofVirtual().start(() -> drain(node, Duration.ofSeconds(30)));
      await().until(() -> !Files.exists(socket));
      mayEnd.countDown();
      assertThat(call.get()).isEqualTo(NodePublishVolumeResponse.getDefaultInstance());
      drain.join();
      node.server.awaitEnd();
    }
  }

  @Test
  void drainingCutsOffACallThatTakesTooLong() throws Exception {
    var began = new CountDownLatch(1);
    var interrupted = new AtomicBoolean();
    try (var node =
        TestingNode.doing(
            socket,
            request -> {
              began.countDown();
              try {
                new CountDownLatch(1).await();
              } catch (InterruptedException e) {
                interrupted.set(true);
              }
            })) {
      var call = node.client().nodeLater().nodePublishVolume(REQUEST);
      began.await();
      drain(node, Duration.ofMillis(50));
      assertThatThrownBy(call::get)
          .isInstanceOf(ExecutionException.class)
          .extracting(e -> Status.fromThrowable(e).getCode())
          .isEqualTo(Status.Code.UNAVAILABLE);
      await().untilTrue(interrupted);
      assertThat(socket).doesNotExist();
    }
  }

  @Test
  void successorMayStartWhileACallStillEnds() throws Exception {
    var began = new CountDownLatch(1);
    var mayEnd = new CountDownLatch(1);
    try (var old =
        TestingNode.doing(
            socket,
            request -> {
              began.countDown();
              waitFor(mayEnd);
            })) {
      var call = old.client().nodeLater().nodePublishVolume(REQUEST);
      began.await();
      var drain = Thread.ofVirtual().start(() -> drain(old, Duration.ofSeconds(30)));
      await().until(() -> !Files.exists(socket));
      try (var successor = TestingNode.doing(socket, request -> {})) {
        mayEnd.countDown();
        call.get();
        drain.join();
        assertThat(socket).exists();
        assertThatCode(() -> successor.client().node().nodePublishVolume(REQUEST))
            .doesNotThrowAnyException();
      }
    }
  }

  @Test
  void drainingTwiceIsHarmless() throws Exception {
    var node = TestingNode.doing(socket, request -> {});
    node.stop();
    assertThatCode(node::stop).doesNotThrowAnyException();
  }

  private void assertThatStartFails(String why) throws InterruptedException {
    var server = new CsiServer(new Endpoint(socket), List.of(), List.of());
    assertThatThrownBy(server::start).isInstanceOf(IOException.class).hasMessageContaining(why);
  }

  private static ServerSocketChannel bind(Path socket) throws IOException {
    return ServerSocketChannel.open(StandardProtocolFamily.UNIX)
        .bind(UnixDomainSocketAddress.of(socket), 1);
  }

  private static void drain(TestingNode node, Duration patience) {
    try {
      node.server.drain(patience);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void waitFor(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
