package io.juicebox.test.kube;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What the driver's programs say in their metrics: how long they were busy with calls, say. */
final class CallTimes {
  private static final Pattern SUM =
      Pattern.compile(
          "^juicebox_csi_call_seconds_sum\\{.*method=\"(\\w+)\".*} (\\S+)$", Pattern.MULTILINE);

  private static final Pattern PREPARED =
      Pattern.compile(
          "^juicebox_controller_accounts_prepared(?:\\{.*})? (\\S+)$", Pattern.MULTILINE);

  private CallTimes() {}

  /** The seconds that all calls of a method took together since the program started. */
  static double seconds(Cluster cluster, String part, String method) {
    return metrics(cluster, part).mapToDouble(page -> seconds(page, method)).sum();
  }

  /** How many object-store accounts wait for a volume. */
  static double preparedAccounts(Cluster cluster) {
    return metrics(cluster, "controller")
        .flatMap(page -> PREPARED.matcher(page).results())
        .mapToDouble(line -> Double.parseDouble(line.group(1)))
        .sum();
  }

  private static Stream<String> metrics(Cluster cluster, String part) {
    return cluster.driverPods(part).list().getItems().stream()
        .map(pod -> {
          var port = pod.getSpec().getContainers().getFirst().getPorts().getFirst();
          var address = pod.getStatus().getPodIP() + ":" + port.getContainerPort();
          return get("http://" + address + "/metrics");
        });
  }

  private static double seconds(String metrics, String method) {
    return SUM.matcher(metrics)
        .results()
        .filter(line -> line.group(1).equals(method))
        .mapToDouble(line -> Double.parseDouble(line.group(2)))
        .sum();
  }

  private static String get(String address) {
    try (var client = HttpClient.newHttpClient()) {
      var request =
          HttpRequest.newBuilder(URI.create(address)).timeout(Duration.ofSeconds(10)).build();
      return client.send(request, BodyHandlers.ofString()).body();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
