package io.juicebox.test.kube;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.regex.Pattern;

/** How long the driver's programs were busy with calls, from their own metrics. */
final class CallTimes {
  private static final Pattern SUM =
      Pattern.compile(
          "^juicebox_csi_call_seconds_sum\\{.*method=\"(\\w+)\".*} (\\S+)$", Pattern.MULTILINE);

  private CallTimes() {}

  /** The seconds that all calls of a method took together since the program started. */
  static double seconds(Cluster cluster, String part, String method) {
    return cluster.driverPods(part).list().getItems().stream()
        .mapToDouble(pod -> {
          var port = pod.getSpec().getContainers().getFirst().getPorts().getFirst();
          var address = pod.getStatus().getPodIP() + ":" + port.getContainerPort();
          return seconds(get("http://" + address + "/metrics"), method);
        })
        .sum();
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
