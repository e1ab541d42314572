package io.juicebox.node.mount;

import java.io.IOException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps each volume's log below a size, with one older file beside it. */
final class LogKeeper implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LogKeeper.class);
  private static final long LARGEST = 8 << 20;
  private static final int SECONDS = 10;

  private final VolumeDirectories directories;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("log-keeper").factory());

  LogKeeper(VolumeDirectories directories) {
    this.directories = directories;
  }

  void start() {
    var _ = timer.scheduleWithFixedDelay(this::capAll, SECONDS, SECONDS, TimeUnit.SECONDS);
  }

  private void capAll() {
    try {
      directories.volumes().stream().map(directories::of).forEach(LogKeeper::cap);
    } catch (RuntimeException e) {
      LOG.warn("can't look at the logs of juicefs", e);
    }
  }

  private static void cap(VolumeFiles files) {
    try {
      new LogFile(files.log()).cap(LARGEST, files.olderLog());
    } catch (IOException e) {
      LOG.warn("can't cap {}: {}", files.log(), e.toString());
    }
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
