package io.juicebox.controller.kube;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.juicebox.csi.status.DriverException;
import io.juicebox.csi.volume.VolumeId;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes what is due in the {@link EventBook} as Events on PersistentVolumeClaims, one after the
 * other and 20 a second at most.
 *
 * <p>{@code kubectl describe} shows only Events that have their object's uid. The provisioner names
 * a volume after it ({@code pvc-<uid>}), so that no right to read claims is needed; with other
 * names the Event lacks it, and {@code kubectl get events} has it all the same.
 */
final class EventWriter implements AutoCloseable {
  static final String COMPONENT = "csi.juicebox.io/controller";

  private static final Logger LOG = LoggerFactory.getLogger(EventWriter.class);
  private static final Duration PACE = Duration.ofMillis(50);
  private static final Pattern UID =
      Pattern.compile(".*([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})");
  private static final int LONGEST_NAME = 253;
  private static final int FORBIDDEN = 403;
  private static final int NOT_FOUND = 404;
  private static final int CONFLICT = 409;
  private static final int TOO_MANY = 429;
  private static final int SERVER_ERROR = 500;

  private final Trouble trouble = new Trouble("events can't be written");
  private final KubernetesClient client;
  private final EventBook book;
  private final PvcEvents reports;
  private final Function<VolumeId, Optional<Whose.Claimed>> claims;
  private final String instance;
  private final Thread thread = Thread.ofVirtual().name("events").unstarted(this::run);

  /**
   * @param claims finds the claim of a volume; it may fail while the registry is away
   * @param instance who we are among the replicas
   */
  EventWriter(
      KubernetesClient client,
      EventBook book,
      PvcEvents reports,
      Function<VolumeId, Optional<Whose.Claimed>> claims,
      String instance) {
    this.client = client;
    this.book = book;
    this.reports = reports;
    this.claims = claims;
    this.instance = instance;
  }

  void start() {
    thread.start();
  }

  @Override
  public void close() {
    thread.interrupt();
  }

  private void run() {
    try {
      while (!Thread.currentThread().isInterrupted()) {
        Optional<EventBook.Due> due = book.due();
        if (due.isPresent()) {
          writeOrTell(due.get());
          Thread.sleep(PACE);
        } else {
          reports.await();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void writeOrTell(EventBook.Due due) {
    try {
      var claimed = claimed(due.failure().whose());
      if (claimed.isEmpty()) {
        book.forget(due); // not made for a claim, or gone meanwhile
        return;
      }
      write(due, claimed.get());
      trouble.over();
    } catch (DriverException e) {
      book.later(due); // its claim is not known yet
    } catch (KubernetesClientException e) {
      refused(due, e);
    } catch (RuntimeException e) {
      LOG.error("an event could not be written: {}", due.failure(), e);
      book.forget(due);
    }
  }

  private Optional<Whose.Claimed> claimed(Whose whose) {
    return switch (whose) {
      case Whose.Claimed it -> Optional.of(it);
      case Whose.Known(VolumeId volume) -> claims.apply(volume);
    };
  }

  private void refused(EventBook.Due due, KubernetesClientException e) {
    if (e.getCode() == NOT_FOUND && due.event().isPresent()) {
      book.expired(due);
    } else if (mayBeWrittenLater(e)) {
      trouble.met(e);
      book.later(due);
    } else {
      LOG.info("an event is lost: {}: {}", Trouble.reason(e), due.failure());
      book.forget(due);
    }
  }

  /** Not what is wrong in itself, nor what is for a namespace that is gone or going. */
  private static boolean mayBeWrittenLater(KubernetesClientException e) {
    int code = Trouble.codeOf(e);
    return switch (code) {
      case 0, TOO_MANY -> true;
      case FORBIDDEN -> !Trouble.reason(e).contains("being terminated");
      default -> code >= SERVER_ERROR;
    };
  }

  private void write(EventBook.Due due, Whose.Claimed claimed) {
    Event event = event(due, claimed, instance);
    if (due.event().isPresent()) {
      event.getMetadata().setName(due.event().get());
      count(event);
    } else {
      create(event);
    }
    book.told(due, event.getMetadata().getName());
  }

  private void create(Event event) {
    try {
      client.resource(event).create();
    } catch (KubernetesClientException e) {
      if (e.getCode() != CONFLICT) {
        throw e;
      } // else the answer to an earlier attempt was lost
    }
  }

  private void count(Event event) {
    var change = Map.of("count", event.getCount(), "lastTimestamp", event.getLastTimestamp());
    client
        .resource(
            event) // by its name alone the client would get it first, for which we have no right
        .patch(
            PatchContext.of(PatchType.JSON_MERGE),
            client.getKubernetesSerialization().asJson(change));
  }

  static Event event(EventBook.Due due, Whose.Claimed claimed, String instance) {
    String claim = claimed.pvc().name();
    Matcher uid = UID.matcher(claimed.volume());
    return new EventBuilder()
        .withNewMetadata()
        .withName(eventName(claim, due))
        .withNamespace(claimed.pvc().namespace())
        .endMetadata()
        .withNewInvolvedObject()
        .withApiVersion("v1")
        .withKind("PersistentVolumeClaim")
        .withNamespace(claimed.pvc().namespace())
        .withName(claim)
        .withUid(uid.matches() ? uid.group(1) : null)
        .endInvolvedObject()
        .withType("Warning")
        .withReason(due.failure().reason().word())
        .withMessage(due.failure().message())
        .withCount(due.count())
        .withFirstTimestamp(time(due.first()))
        .withLastTimestamp(time(due.last()))
        .withNewSource()
        .withComponent(COMPONENT)
        .endSource()
        .withReportingComponent(COMPONENT)
        .withReportingInstance(instance)
        .build();
  }

  /**
   * As client-go makes them: the claim's name, a dot and the time in hexadecimal nanoseconds. Our
   * clock counts microseconds; below them two failures at once differ.
   */
  static String eventName(String claim, EventBook.Due due) {
    long nanos =
        ChronoUnit.MICROS.between(Instant.EPOCH, due.first()) * 1_000
            + Math.floorMod(due.failure().hashCode(), 1_000);
    String end = "." + Long.toHexString(nanos);
    int room = LONGEST_NAME - end.length();
    String start = claim.length() <= room ? claim : claim.substring(0, room);
    return start.replaceAll("[.-]+$", "") + end;
  }

  private static String time(Instant at) {
    return at.truncatedTo(ChronoUnit.SECONDS).toString();
  }
}
