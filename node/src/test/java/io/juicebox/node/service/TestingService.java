package io.juicebox.node.service;

import io.juicebox.csi.log.CallLog;
import io.juicebox.csi.ops.Metrics;
import io.juicebox.csi.server.CsiServer;
import io.juicebox.csi.server.Endpoint;
import io.juicebox.csi.status.StatusInterceptor;
import io.juicebox.node.mount.MountService;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;

/** The server of the mount service on its socket, before whatever mounts. */
final class TestingService implements AutoCloseable {
  static final ServiceVersion VERSION =
      new ServiceVersion(ServiceVersion.CONTRACT, "a build", "1.4.2", "");

  private final MountCalls calls;
  private final CsiServer server;

  TestingService(ServiceSockets sockets, MountService mounts) {
    this(sockets, mounts, VERSION);
  }

  TestingService(ServiceSockets sockets, MountService mounts, ServiceVersion version) {
    this.calls = new MountCalls(mounts, () -> version);
    this.server =
        new CsiServer(
            new Endpoint(sockets.calls()),
            List.of(new CallLog(new Metrics()), new StatusInterceptor()),
            List.of(calls));
    try {
      server.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Ends in order. */
  @Override
  public void close() {
    calls.endWatches();
    end(Duration.ofSeconds(10));
  }

  /** Cuts all calls off. */
  void cutOff() {
    end(Duration.ZERO);
  }

  private void end(Duration patience) {
    try {
      server.drain(patience);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
