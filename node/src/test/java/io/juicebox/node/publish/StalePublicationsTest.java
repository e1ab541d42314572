package io.juicebox.node.publish;

import static io.juicebox.csi.volume.AccessMode.SINGLE_NODE_WRITER;
import static io.juicebox.node.publish.Samples.VOLUME;
import static org.assertj.core.api.Assertions.assertThat;

import io.juicebox.node.claim.Claims;
import io.juicebox.node.kernel.BoundedCalls;
import io.juicebox.node.kernel.LinuxKernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StalePublicationsTest {
  private static final Duration LIMIT = Duration.ofSeconds(10);

  @TempDir Path directory;

  private final Claims claims = new Claims(Duration.ZERO);
  private final BoundedCalls looks = new BoundedCalls(2);
  private Publications publications = new Publications(Path.of("/"));
  private Path state = Path.of("/");

  @BeforeEach
  void publish() throws IOException {
    state = directory.resolve("publications");
    publications = new Publications(state);
    publications.put(publication("gone"));
    publications.put(publication("gone-parent/target"));
    publications.put(publication("there"));
    Files.createDirectory(directory.resolve("there"));
  }

  @AfterEach
  void stop() {
    looks.close();
  }

  @Test
  void thoseWithoutATargetAreForgottenAfterAnHour() throws IOException {
    sweepAfter(Duration.ofMinutes(2));
    assertThat(publications.of(VOLUME)).hasSize(3);
    sweepAfter(Duration.ofHours(2));
    assertThat(publications.of(VOLUME)).containsExactly(publication("there"));
    Files.delete(directory.resolve("there"));
    sweepAfter(Duration.ofHours(2));
    assertThat(state).isEmptyDirectory();
  }

  @Test
  void tornFilesAreRemoved() throws IOException {
    Path folder = state.resolve(VOLUME.value());
    Files.writeString(folder.resolve("torn.json"), "");
    Files.writeString(folder.resolve("unfinished.json.new"), "{");
    sweepAfter(Duration.ofHours(2));
    assertThat(folder).isDirectoryNotContaining("glob:**{torn,unfinished}*");
    assertThat(publications.of(VOLUME)).containsExactly(publication("there"));
  }

  @Test
  void whatAnOperationHoldsIsLeftAlone() {
    try (var _ = claims.claim(VOLUME.value())) {
      sweepAfter(Duration.ofHours(2));
    }
    assertThat(publications.of(VOLUME)).hasSize(3);
  }

  private void sweepAfter(Duration time) {
    var targets = new Targets(new LinuxKernel(), looks, publications, directory, List.of(), LIMIT);
    var clock = Clock.offset(Clock.systemUTC(), time);
    new StalePublications(claims, targets, publications, clock).sweep();
  }

  private Publication publication(String name) {
    return new Publication(VOLUME, directory.resolve(name), Samples.arguments(SINGLE_NODE_WRITER));
  }
}
