package io.juicebox.controller.redis;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.codec.ToByteBufEncoder;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;

/**
 * Bytes as strings, each char of which is one byte. Lettuce's own codec for this character set does
 * the same in several times as long.
 */
final class ByteCodec implements RedisCodec<String, String>, ToByteBufEncoder<String, String> {
  @Override
  public String decodeKey(ByteBuffer bytes) {
    var copy = new byte[bytes.remaining()];
    bytes.get(copy);
    return new String(copy, ISO_8859_1);
  }

  @Override
  public String decodeValue(ByteBuffer bytes) {
    return decodeKey(bytes);
  }

  @Override
  public ByteBuffer encodeKey(String key) {
    return ByteBuffer.wrap(key.getBytes(ISO_8859_1));
  }

  @Override
  public ByteBuffer encodeValue(String value) {
    return encodeKey(value);
  }

  @Override
  public void encodeKey(String key, ByteBuf target) {
    target.writeBytes(key.getBytes(ISO_8859_1));
  }

  @Override
  public void encodeValue(String value, ByteBuf target) {
    encodeKey(value, target);
  }

  @Override
  public int estimateSize(Object keyOrValue) {
    return keyOrValue instanceof String text ? text.length() : 0;
  }

  @Override
  public boolean isEstimateExact() {
    return true;
  }
}
