package io.juicebox.test.outages;

import com.google.protobuf.Message;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * What came of a call.
 *
 * @param code gRPC's or HTTP's
 * @param text the status's description, or the whole answer
 */
record Answer(String code, String text, Duration took) {
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  static Answer of(Supplier<? extends Message> call) {
    long start = System.nanoTime();
    try {
      var answer = call.get().toString();
      return new Answer("OK", answer, since(start));
    } catch (StatusRuntimeException e) {
      var text = String.valueOf(e.getStatus().getDescription());
      return new Answer(e.getStatus().getCode().name(), text, since(start));
    }
  }

  /** GET of {@code address/path}. */
  static Answer http(String address, String path) {
    long start = System.nanoTime();
    var request =
        HttpRequest.newBuilder(URI.create("http://" + address + path))
            .timeout(Duration.ofSeconds(30))
            .build();
    try {
      var answer = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
      return new Answer(Integer.toString(answer.statusCode()), answer.body(), since(start));
    } catch (IOException e) {
      return new Answer("no answer", e.toString(), since(start));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  Answer after(Duration all) {
    return new Answer(code, text, all);
  }

  private static Duration since(long start) {
    return Duration.ofNanos(System.nanoTime() - start);
  }
}
