package io.juicebox.csi.log;

import org.slf4j.bridge.SLF4JBridgeHandler;

/** The set-up of a program's log that logback.xml can't do by itself. */
public final class Logging {
  private Logging() {}

  /** Leads java.util.logging, which gRPC writes to, into the same log; call it first in main. */
  public static void install() {
    SLF4JBridgeHandler.removeHandlersForRootLogger();
    SLF4JBridgeHandler.install();
  }
}
