package io.juicebox.controller.meta;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Instant;

/**
 * A client that has the filesystem mounted, or had it until less than a minute ago.
 *
 * @param id JuiceFS's session id
 * @param host the client's host name, empty when it isn't known
 * @param process its process id on that host, 0 when it isn't known
 * @param mountPoint where, empty when it isn't known
 * @param expiry when the session dies unless the client renews it
 */
public record Session(long id, String host, long process, String mountPoint, Instant expiry) {
  private static final ObjectMapper JSON = new ObjectMapper();

  static Session parse(String id, String expirySeconds, String info) {
    JsonNode tree;
    try {
      tree = JSON.readTree(info);
    } catch (JsonProcessingException e) {
      tree = JSON.createObjectNode();
    }
    return new Session(
        Long.parseLong(id),
        tree.path("HostName").asText(),
        tree.path("ProcessID").asLong(),
        tree.path("MountPoint").asText(),
        Instant.ofEpochSecond((long) Double.parseDouble(expirySeconds)));
  }
}
