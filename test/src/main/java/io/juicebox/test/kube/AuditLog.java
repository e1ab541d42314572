package io.juicebox.test.kube;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Who asked the API server for what; see {@code test/kube/README.md}. */
record AuditLog(Path file) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** The calls of a user that began between two moments, counted by {@code verb resource}. */
  Map<String, Long> calls(String user, Instant from, Instant to) {
    try (var lines = Files.lines(file)) {
      return lines
          // A watch has a line when it starts, too.
          .filter(line -> line.contains("\"stage\":\"ResponseComplete\"") && line.contains(user))
          .map(AuditLog::parse)
          .filter(call -> call.path("user").path("username").asText().equals(user))
          .filter(call -> isBetween(from, to, call))
          .collect(Collectors.groupingBy(AuditLog::kind, TreeMap::new, Collectors.counting()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isBetween(Instant from, Instant to, JsonNode call) {
    var at = Instant.parse(call.path("requestReceivedTimestamp").asText());
    return at.isAfter(from) && at.isBefore(to);
  }

  private static String kind(JsonNode call) {
    var object = call.path("objectRef");
    var part = object.path("subresource").asText();
    return call.path("verb").asText()
        + " "
        + object.path("resource").asText()
        + (part.isEmpty() ? "" : "/" + part);
  }

  private static JsonNode parse(String line) {
    try {
      return JSON.readTree(line);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("no audit event: " + line, e);
    }
  }
}
