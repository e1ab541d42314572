package io.juicebox.csi.ops;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTP port for operators: {@code /metrics} for Prometheus, {@code /healthz} for liveness, and
 * {@code /readyz}, which says in plain text what is missing and answers 503 then.
 */
public final class OpsServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(OpsServer.class);

  private final HttpServer http;

  /**
   * @param unready the reasons why the program can't serve now, a line each; empty when it can
   */
  public OpsServer(InetSocketAddress address, Metrics metrics, Supplier<String> unready)
      throws IOException {
    this.http = HttpServer.create(address, 16);
    http.setExecutor(
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("ops-", 0).factory()));
    http.createContext("/healthz", exchange -> answer(exchange, 200, "ok\n"));
    http.createContext(
        "/readyz",
        exchange -> {
          String reasons = reasons(unready);
          answer(exchange, reasons.isEmpty() ? 200 : 503, reasons.isEmpty() ? "ok\n" : reasons);
        });
    http.createContext("/metrics", exchange -> answer(exchange, 200, metrics.scrape()));
  }

  private static String reasons(Supplier<String> unready) {
    try {
      return unready.get();
    } catch (RuntimeException e) { // else the server closes the connection without a word
      LOG.error("readiness can't be told", e);
      return "internal error, see the driver log\n";
    }
  }

  private static void answer(HttpExchange exchange, int code, String text) throws IOException {
    try (exchange) {
      byte[] body = text.getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
      exchange.sendResponseHeaders(code, body.length);
      exchange.getResponseBody().write(body);
    }
  }

  public void start() {
    http.start();
  }

  /** Where it listens, with the real port where 0 was asked for. */
  public InetSocketAddress address() {
    return http.getAddress();
  }

  @Override
  public void close() {
    http.stop(0);
  }
}
