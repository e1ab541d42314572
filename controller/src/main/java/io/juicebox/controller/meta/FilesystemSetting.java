package io.juicebox.controller.meta;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * What a filesystem was formatted with: the key {@code setting} of its number.
 *
 * @param name JuiceFS's Name: the lineage of a volume of ours
 * @param bucket the URL of the bucket
 * @param capacity bytes, 0 for no limit
 * @param inodes how many, 0 for no limit
 */
public record FilesystemSetting(UUID uuid, String name, String bucket, long capacity, long inodes) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** On which the keys and the bytes of blocks depend, but for the bucket. */
  private static final List<String> BLOCK_FIELDS =
      List.of(
          "Name", "BlockSize", "Compression", "HashPrefix", "Shards", "EncryptKey", "EncryptAlgo");

  /** Reads the text of a setting; empty when it is none. */
  static Optional<FilesystemSetting> parse(String text) {
    return tree(text)
        .flatMap(tree ->
            uuid(tree.path("UUID").asText())
                .map(uuid ->
                    new FilesystemSetting(
                        uuid,
                        tree.path("Name").asText(),
                        tree.path("Bucket").asText(),
                        tree.path("Capacity").asLong(),
                        tree.path("Inodes").asLong())));
  }

  /** The text of a setting with another capacity and everything else as it was. */
  static String withCapacity(String text, long bytes) {
    return tree(text).orElseThrow().put("Capacity", bytes).toString();
  }

  /**
   * Whether two settings lead to the same blocks: texts of a filesystem and of a copy that is to
   * have another setting. What only one of them has counts as different.
   */
  public static boolean haveSameBlocks(String one, String other) {
    return blocks(one).isPresent() && blocks(one).equals(blocks(other));
  }

  private static Optional<List<JsonNode>> blocks(String text) {
    return tree(text).map(tree -> BLOCK_FIELDS.stream().map(tree::path).toList());
  }

  private static Optional<ObjectNode> tree(String text) {
    try {
      return JSON.readTree(text) instanceof ObjectNode tree ? Optional.of(tree) : Optional.empty();
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }

  private static Optional<UUID> uuid(String text) {
    try {
      return Optional.of(UUID.fromString(text));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
