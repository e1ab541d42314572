package io.juicebox.controller.kube;

import io.juicebox.controller.kube.Failure.Reason;
import io.juicebox.controller.volume.FailureReports;
import io.juicebox.csi.volume.PvcName;
import io.juicebox.csi.volume.VolumeId;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes reports of failures and keeps them in the {@link EventBook} for the {@link EventWriter}.
 */
final class PvcEvents implements FailureReports {
  private static final Logger LOG = LoggerFactory.getLogger(PvcEvents.class);

  private final EventBook book;
  private final BlockingQueue<Boolean> wakeUps = new ArrayBlockingQueue<>(1);

  PvcEvents(EventBook book) {
    this.book = book;
  }

  @Override
  public void creationFailed(String name, PvcName pvc, String why) {
    happened(new Failure(Reason.VOLUME_CREATION_FAILED, new Whose.Claimed(name, pvc), why));
  }

  @Override
  public void expansionFailed(VolumeId volume, String why) {
    happened(new Failure(Reason.VOLUME_EXPANSION_FAILED, new Whose.Known(volume), why));
  }

  private void happened(Failure failure) {
    if (book.happened(failure)) {
      wakeUps.offer(true);
    } else {
      LOG.warn("too many failures for events, this one gets none: {}", failure);
    }
  }

  /** Waits until something may be due. */
  void await() throws InterruptedException {
    wakeUps.poll(book.idle().toMillis() + 1, TimeUnit.MILLISECONDS);
  }
}
