package io.juicebox.node;

import io.juicebox.csi.log.Logging;
import io.juicebox.csi.settings.InvalidSettings;
import io.juicebox.node.kernel.CoreDumps;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The node program: Identity and Node on a unix socket. Mounts live on when it ends. */
public final class Main {
  private static final Logger LOG = LoggerFactory.getLogger(Main.class);

  private Main() {}

  public static void main(String[] arguments) throws InterruptedException {
    Logging.install();
    NodeSettings settings;
    try {
      settings = NodeSettings.from(System.getenv());
    } catch (InvalidSettings e) {
      LOG.error("{}", e.getMessage());
      System.exit(2);
      return;
    }
    try {
      CoreDumps.forbid();
      var program = new NodeProgram(settings, System.getenv());
      Runtime.getRuntime().addShutdownHook(new Thread(program::drain, "drain"));
      program.run();
    } catch (IOException | RuntimeException e) {
      LOG.error("the node can't serve", e);
      System.exit(1); // threads that serve nobody would keep the process
    }
  }
}
