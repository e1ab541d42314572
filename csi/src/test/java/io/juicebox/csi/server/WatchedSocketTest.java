package io.juicebox.csi.server;

import static java.nio.file.StandardWatchEventKinds.ENTRY_CREATE;
import static java.nio.file.StandardWatchEventKinds.ENTRY_DELETE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Java watches a folder as the kubelet does, with inotify: a rename is told as its two ends. */
final class WatchedSocketTest {
  @TempDir private Path folder;
  private Path socket = Path.of("/");
  private WatchedSocket place = new WatchedSocket(new Endpoint(Path.of("/x/s")));
  private CsiServer server = new CsiServer(place, List.of(), List.of());

  @BeforeEach
  void choosePath() {
    socket = folder.resolve("reg.sock");
    place = new WatchedSocket(new Endpoint(socket));
    server = new CsiServer(place, List.of(), List.of());
  }

  @AfterEach
  void stop() throws InterruptedException {
    server.drain(Duration.ZERO);
  }

  @Test
  void appearsOnceAndWithItsMode() throws Exception {
    try (var watch = watch()) {
      server.start();
      assertThat(events(watch)).containsExactly("+ reg.sock");
    }
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
        .isEqualTo("rw-------");
    assertThat(folder).isDirectoryNotContaining(file -> !file.equals(socket));
  }

  @Test
  void socketOfAKilledProcessIsNeverMissing() throws Exception {
    bind(socket).close();
    bind(folder.resolve(".reg.sock")).close(); // it was killed again in the middle of its start
    try (var watch = watch()) {
      server.start();
      assertThat(events(watch)).containsExactly("+ reg.sock");
    }
    assertThat(folder.resolve(".reg.sock")).doesNotExist();
  }

  @Test
  void appearsAgain() throws Exception {
    server.start();
    try (var watch = watch()) {
      place.showAgain();
      assertThat(events(watch)).containsExactly("- reg.sock", "+ reg.sock");
    }
  }

  @Test
  void neverAppearsAfterItsEnd() throws Exception {
    server.start();
    server.drain(Duration.ZERO);
    place.showAgain();
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void cannotAppearAgainWhereSomebodyRemovedIt() throws Exception {
    server.start();
    Files.delete(socket);
    assertThatThrownBy(place::showAgain).isInstanceOf(NoSuchFileException.class);
  }

  @Test
  void fileIsRefusedAndKept() throws Exception {
    Files.writeString(socket, "precious");
    assertThatThrownBy(server::start).hasMessageContaining("exists and is no socket");
    assertThat(socket).hasContent("precious");
    assertThat(folder).isDirectoryNotContaining(file -> !file.equals(socket));
  }

  @Test
  void socketThatIsServedIsRefused() throws Exception {
    try (var rival = bind(socket)) {
      assertThatThrownBy(server::start).hasMessageContaining("is served by another process");
      assertThat(rival.isOpen()).isTrue();
    }
    assertThat(folder).isDirectoryNotContaining(file -> !file.equals(socket));
  }

  @Test
  void folderIsNotMade() {
    Path missing = folder.resolve("missing");
    var lost =
        new CsiServer(new WatchedSocket(new Endpoint(missing.resolve("s"))), List.of(), List.of());
    assertThatThrownBy(lost::start).isInstanceOf(IOException.class);
    assertThat(missing).doesNotExist();
  }

  private WatchService watch() throws IOException {
    WatchService watch = folder.getFileSystem().newWatchService();
    var _ = folder.register(watch, ENTRY_CREATE, ENTRY_DELETE);
    return watch;
  }

  /** What was told of names without a dot, until a mark of ours came through, too. */
  private List<String> events(WatchService watch) throws Exception {
    Files.createFile(folder.resolve(".mark"));
    var events = new ArrayList<String>();
    while (!events.contains("+ .mark")) {
      WatchKey key = Objects.requireNonNull(watch.poll(10, TimeUnit.SECONDS));
      key.pollEvents()
          .forEach(event ->
              events.add((event.kind().equals(ENTRY_CREATE) ? "+ " : "- ") + event.context()));
      key.reset();
    }
    Files.delete(folder.resolve(".mark"));
    events.removeIf(event -> event.startsWith(".", 2));
    return events;
  }

  private static ServerSocketChannel bind(Path socket) throws IOException {
    return ServerSocketChannel.open(StandardProtocolFamily.UNIX)
        .bind(UnixDomainSocketAddress.of(socket));
  }
}
