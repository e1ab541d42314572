package io.juicebox.csi.ops;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import io.grpc.Status;
import io.juicebox.csi.log.TestingLog;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class OpsServerTest {
  private final Metrics metrics = new Metrics();
  private final AtomicReference<String> unready = new AtomicReference<>("");
  private final HttpClient http = HttpClient.newHttpClient();
  private final OpsServer server;

  OpsServerTest() throws IOException {
    var anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    server = new OpsServer(anyPort, metrics, () -> unready.get().strip() + trailing());
  }

  private String trailing() {
    if (unready.get().equals("defect")) {
      throw new IllegalStateException("hidden");
    }
    return unready.get().isEmpty() ? "" : "\n";
  }

  @BeforeEach
  void start() {
    server.start();
  }

  @AfterEach
  void stop() {
    http.close();
    server.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/healthz", "/readyz"})
  void healthyProgramIsOk(String path) throws Exception {
    var answer = get(path);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo("ok\n");
  }

  @Test
  void metricsAreMadeUpToDateForEachAnswer() throws Exception {
    var asked = new AtomicInteger();
    metrics.beforeScrape(asked::incrementAndGet);
    metrics.registry().gauge("asked", asked);
    assertThat(get("/metrics").body()).contains("asked 1.0");
    assertThat(get("/metrics").body()).contains("asked 2.0");
  }

  @Test
  void missingBackendIsNamedByReadiness() throws Exception {
    unready.set("Redis at r:1 is unavailable");
    var answer = get("/readyz");
    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(answer.body()).isEqualTo("Redis at r:1 is unavailable\n");
  }

  @Test
  void missingBackendLeavesTheProgramAlive() throws Exception {
    unready.set("Redis at r:1 is unavailable");
    assertThat(get("/healthz").statusCode()).isEqualTo(200);
  }

  @Test
  void readinessThatFailsIsUnreadyAndLogged() throws Exception {
    try (var log = TestingLog.at(Level.INFO)) {
      unready.set("defect");
      var answer = get("/readyz");
      assertThat(answer.statusCode()).isEqualTo(503);
      assertThat(answer.body()).isEqualTo("internal error, see the driver log\n");
      assertThat(log.lines()).singleElement().asString().contains("hidden");
    }
  }

  @Test
  void callsAreCountedByMethodAndCode() throws Exception {
    metrics.ended("CreateVolume", Status.Code.OK, Duration.ofMillis(20));
    metrics.ended("CreateVolume", Status.Code.OK, Duration.ofSeconds(2));
    metrics.ended("CreateVolume", Status.Code.ABORTED, Duration.ofMillis(1));
    assertThat(get("/metrics").body().lines())
        .contains(
            "juicebox_csi_call_seconds_count{code=\"OK\",method=\"CreateVolume\"} 2",
            "juicebox_csi_call_seconds_count{code=\"ABORTED\",method=\"CreateVolume\"} 1",
            "juicebox_csi_call_seconds_sum{code=\"OK\",method=\"CreateVolume\"} 2.02",
            "juicebox_csi_call_seconds_bucket{code=\"OK\",method=\"CreateVolume\",le=\"0.05\"} 1",
            "juicebox_csi_call_seconds_bucket{code=\"OK\",method=\"CreateVolume\",le=\"2.0\"} 2");
  }

  @Test
  void programsOwnMetricsAreThere() throws Exception {
    metrics.registry().counter("juicebox.volumes").increment(3);
    assertThat(get("/metrics").body())
        .contains("juicebox_volumes_total 3.0", "jvm_memory_used_bytes", "process_uptime_seconds");
  }

  @Test
  void unknownPathIsNotFound() throws Exception {
    assertThat(get("/").statusCode()).isEqualTo(404);
  }

  private HttpResponse<String> get(String path) throws IOException, InterruptedException {
    var address = server.address();
    var uri = URI.create("http://%s:%d%s".formatted("127.0.0.1", address.getPort(), path));
    return http.send(
        HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(10)).build(),
        HttpResponse.BodyHandlers.ofString());
  }
}
