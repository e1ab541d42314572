package io.juicebox.test.kube;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Commands in the only container of a running pod. */
record Shell(KubernetesClient client, Pod pod) {
  private static final Duration LIMIT = Duration.ofMinutes(2);

  /**
   * What a command came to.
   *
   * @param output of both streams
   */
  record Result(int code, String output) {}

  /** Runs a command line of sh to its good end and returns its output without outer blanks. */
  String run(String line) {
    return good(line, attempt(line));
  }

  private String good(String line, Result result) {
    if (result.code() != 0) {
      throw new AssertionError(
          "in pod %s: %s ended with %d:%n%s"
              .formatted(pod.getMetadata().getName(), line, result.code(), result.output()));
    }
    return result.output().strip();
  }

  /** As the other, for a command that reads lines: they are in no log of the API server. */
  String run(String line, String input) {
    return good(line, attempt(line, input));
  }

  /** Runs a command line of sh. */
  Result attempt(String line) {
    return attempt(line, "");
  }

  private Result attempt(String line, String input) {
    var output = new ByteArrayOutputStream();
    try (var running =
        client
            .pods()
            .resource(pod)
            .redirectingInput()
            .writingOutput(output)
            .writingError(output)
            .exec("sh", "-c", line)) {
      running.getInput().write(input.getBytes(StandardCharsets.UTF_8));
      running.getInput().flush();
      var code = running.exitCode().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
      return new Result(code == null ? -1 : code, output.toString(StandardCharsets.UTF_8));
    } catch (IOException | ExecutionException | TimeoutException e) {
      throw new AssertionError(line + " in pod " + pod.getMetadata().getName() + ": " + e, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
