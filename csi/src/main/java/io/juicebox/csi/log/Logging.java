package io.juicebox.csi.log;

import org.slf4j.bridge.SLF4JBridgeHandler;

/** The part of a program's log that is not logback's own to set up. */
public final class Logging {
  private Logging() {}

  /** Leads java.util.logging, which gRPC writes to, into the same log; call it first in main. */
  public static void install() {
    SLF4JBridgeHandler.removeHandlersForRootLogger();
    SLF4JBridgeHandler.install();
  }
}
