package io.juicebox.node.mount;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The HostName of this node's JuiceFS sessions: the node id, so that every mount of a volume tells
 * which node it is on (DESIGN.md, decision 14).
 *
 * @param name at most 63 bytes: Linux takes 64, and Go mistrusts a name of that length
 */
public record SessionHost(String name) {
  private static final int LONGEST = 63;
  private static final int HASH_BYTES = 8;

  /** A node id that is too long is cut, and told apart by a hash of the whole. */
  public static SessionHost of(String nodeId) {
    byte[] bytes = nodeId.getBytes(StandardCharsets.UTF_8);
    if (bytes.length <= LONGEST) {
      return new SessionHost(nodeId);
    }
    String hash = HexFormat.of().formatHex(sha256(bytes), 0, HASH_BYTES);
    int room = LONGEST - 2 * HASH_BYTES - 1;
    String start = new String(bytes, 0, room, StandardCharsets.US_ASCII).replace('\uFFFD', 'x');
    return new SessionHost(start + "-" + hash);
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java has SHA-256", e);
    }
  }
}
