package io.juicebox.controller.meta;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/**
 * A client that has the filesystem mounted, or had it until less than a minute ago. All of it is
 * what the client says, and whoever has the volume's keys may say anything.
 *
 * @param id JuiceFS's session id, a number
 * @param host the client's host name, empty when it isn't known
 * @param process its process id on that host, 0 when it isn't known
 * @param mountPoint where, empty when it isn't known
 */
public record Session(String id, String host, long process, String mountPoint) {
  private static final ObjectMapper JSON = new ObjectMapper();

  static Session parse(String id, String info) {
    JsonNode tree;
    try {
      tree = JSON.readTree(info);
    } catch (JsonProcessingException e) {
      tree = JSON.createObjectNode();
    }
    return new Session(
        id,
        tree.path("HostName").asText(),
        tree.path("ProcessID").asLong(),
        tree.path("MountPoint").asText());
  }
}
