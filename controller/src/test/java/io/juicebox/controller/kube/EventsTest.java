package io.juicebox.controller.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.juicebox.csi.status.DriverException.BackendUnavailable;
import io.juicebox.csi.volume.BackendName;
import io.juicebox.csi.volume.PvcName;
import io.juicebox.csi.volume.VolumeId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Against the API server of test/kube, with the rights that the package says and no others. */
@Tag("kube")
class EventsTest {
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final String WHY = "Redis at redis:6379 is unavailable: Connection refused";

  private final AtomicReference<Instant> now = new AtomicReference<>(Instant.now());
  private final AtomicReference<Function<VolumeId, Optional<Whose.Claimed>>> registry =
      new AtomicReference<>(_ -> Optional.empty());
  private final EventBook book = new EventBook(now::get);
  private final PvcEvents events = new PvcEvents(book);
  private TestingApi api;
  private LogLines log;
  private @Nullable EventWriter writer;
  private PersistentVolumeClaim claim;
  private PvcName pvc;
  private String volume;

  @BeforeEach
  void open() {
    api = new TestingApi();
    log = new LogLines();
    claim = api.claim(api.namespace(), "data");
    pvc = new PvcName(claim.getMetadata().getNamespace(), "data");
    volume = "pvc-" + claim.getMetadata().getUid();
  }

  @AfterEach
  void close() {
    Objects.requireNonNull(writer).close();
    log.close();
    api.close();
  }

  @Test
  void describeShowsTheFailureOnTheClaim() {
    write();
    events.creationFailed(volume, pvc, WHY);
    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(TestingApi.kubectl("describe", "pvc", "data", "-n", pvc.namespace()))
                .contains("VolumeCreationFailed", EventWriter.COMPONENT, WHY));
    assertThat(told())
        .singleElement()
        .satisfies(event -> {
          assertThat(event.getType()).isEqualTo("Warning");
          assertThat(event.getReportingInstance()).isEqualTo("replica-0");
        });
  }

  @Test
  void repeatsAreCountedInOneEvent() {
    write();
    for (int i = 0; i < 500; i++) {
      events.creationFailed(volume, pvc, WHY);
    }
    await().atMost(SOON).until(() -> !told().isEmpty());
    int first = told().getFirst().getCount();
    events.creationFailed(volume, pvc, WHY);
    later(EventBook.BETWEEN_COUNTS);
    await().atMost(SOON).until(() -> told().getFirst().getCount() > first);
    assertThat(told())
        .singleElement()
        .satisfies(event -> {
          assertThat(event.getCount()).isEqualTo(502);
          assertThat(event.getLastTimestamp()).isGreaterThan(event.getFirstTimestamp());
        });
  }

  @Test
  void anEventThatExpiredIsMadeAnew() {
    write();
    events.creationFailed(volume, pvc, WHY);
    await().atMost(SOON).until(() -> told().size() == 1);
    String expired = told().getFirst().getMetadata().getName();
    api.admin.v1().events().inNamespace(pvc.namespace()).withName(expired).delete();
    later(EventBook.BETWEEN_COUNTS);
    await().atMost(SOON).until(() -> told().size() == 1);
    assertThat(told().getFirst().getCount()).isEqualTo(1);
    assertThat(told().getFirst().getMetadata().getName()).isNotEqualTo(expired);
  }

  @Test
  void anExpansionIsToldOnceItsClaimIsKnown() {
    write();
    var id = VolumeId.random(new BackendName("default"));
    registry.set(_ -> {
      throw new BackendUnavailable("Redis", "Connection refused", null);
    });
    events.expansionFailed(id, WHY);
    events.creationFailed(volume, pvc, WHY); // the first one holds up nobody
    await().atMost(SOON).until(() -> told().size() == 1);
    registry.set(
        asked -> asked.equals(id) ? Optional.of(new Whose.Claimed(volume, pvc)) : Optional.empty());
    awaitTurn();
    now.set(now.get().plus(EventBook.AGAIN));
    events.expansionFailed(id, WHY);
    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(told())
                .extracting(Event::getReason)
                .containsExactlyInAnyOrder("VolumeCreationFailed", "VolumeExpansionFailed"));
  }

  @Test
  void whatCanNotBeToldIsLostAndHoldsUpNobody() {
    write();
    events.creationFailed(volume, new PvcName(api.name("gone"), "data"), WHY);
    events.creationFailed(volume, pvc, WHY);
    await().atMost(SOON).until(() -> told().size() == 1);
    assertThat(log.lines())
        .singleElement()
        .asString()
        .startsWith("INFO an event is lost")
        .contains("not found");
  }

  @Test
  void failuresWhileTheApiServerIsAwayAreToldAfterwards() {
    write();
    TestingApi.killApiServer();
    events.creationFailed(volume, pvc, WHY);
    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(log.lines()).singleElement().asString().contains("events can't be written"));
    events.creationFailed(volume, pvc, WHY);
    TestingApi.startApiServer();
    later(EventBook.AGAIN);
    await().atMost(SOON).until(() -> told().size() == 1);
    assertThat(told().getFirst().getCount()).isEqualTo(3);
    await().atMost(SOON).untilAsserted(() -> assertThat(log.lines()).hasSize(2));
  }

  @Test
  void withoutRightsItSaysWhichAndWorksOnceItHasThem() {
    write(api.stranger());
    events.creationFailed(volume, pvc, WHY);
    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(log.lines())
                .singleElement()
                .asString()
                .contains("cannot create resource \"events\"", api.name("user")));
    api.grant();
    later(EventBook.AGAIN);
    await().atMost(SOON).until(() -> told().size() == 1);
    await().atMost(SOON).untilAsserted(() -> assertThat(log.lines()).hasSize(2));
  }

  private void write() {
    api.grant();
    write(api.stranger());
  }

  private void write(KubernetesClient client) {
    var fresh = new EventWriter(client, book, events, id -> registry.get().apply(id), "replica-0");
    fresh.start();
    writer = fresh;
  }

  /** Time passes, and the failure comes once more. */
  private void later(Duration duration) {
    awaitTurn();
    now.set(now.get().plus(duration));
    events.creationFailed(volume, pvc, WHY);
  }

  /**
   * Until everything that is due has had its turn: the API server shows an Event earlier than that.
   */
  private void awaitTurn() {
    await().atMost(SOON).until(() -> book.due().isEmpty());
  }

  /** The Events on the claim that are ours. */
  private List<Event> told() {
    return api.admin.v1().events().inNamespace(pvc.namespace()).list().getItems().stream()
        .filter(event -> event.getSource().getComponent().equals(EventWriter.COMPONENT))
        .filter(event -> event.getInvolvedObject().getUid().equals(claim.getMetadata().getUid()))
        .toList();
  }
}
