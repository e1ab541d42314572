package io.juicebox.controller.fork;

import io.juicebox.controller.fork.Entry.More;
import io.juicebox.controller.fork.Entry.Removed;
import io.juicebox.controller.fork.Entry.Value;
import io.juicebox.csi.status.DriverException.PreconditionFailed;
import java.io.DataInput;
import java.io.DataInputStream;
import java.io.DataOutput;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The bytes of a stream of metadata.
 *
 * <pre>
 *   "JUICEFRK"  version u16                           both readable without unpacking
 *   zlib of     frame ...  end                        the entries in their order
 *   SHA-256                                           of every byte before it
 *
 *   frame:  code u8, key, count, part ...             code: the value's type, + 16 for more of it
 *           32, key                                   the key is removed
 *   end:    0, number of frames
 *   key and part: length, bytes; lengths, counts: seven bits a byte, low ones first, the eighth for more to come
 * </pre>
 *
 * <p>A reader refuses another version. A change that old readers can't read makes a new one.
 */
final class StreamFormat {
  static final byte[] MAGIC = "JUICEFRK".getBytes(StandardCharsets.US_ASCII);
  static final int VERSION = 1;

  /** The bytes before the frames. */
  static final int HEAD = MAGIC.length + Short.BYTES;

  static final String DIGEST = "SHA-256";
  static final int DIGEST_BYTES = 32;

  /** Sixteen times the longest that JuiceFS writes, a file's extended attribute. */
  private static final int LONGEST_PART = 1 << 20;

  private static final int MOST_PARTS = 1 << 24;

  static final int END = 0;
  private static final int MORE = 16;
  private static final int REMOVED = 32;

  private StreamFormat() {}

  static void write(DataOutput out, Entry entry) throws IOException {
    switch (entry) {
      case Value(var key, var type, var parts) -> write(out, code(type), key, parts);
      case More(var key, var type, var parts) -> write(out, MORE + code(type), key, parts);
      case Removed(var key) -> {
        out.writeByte(REMOVED);
        text(out, key);
      }
    }
  }

  private static void write(DataOutput out, int code, String key, List<String> parts)
      throws IOException {
    out.writeByte(code);
    text(out, key);
    number(out, parts.size());
    for (String part : parts) {
      text(out, part);
    }
  }

  static Entry read(DataInputStream in, int code) throws IOException {
    String key = text(in);
    if (code == REMOVED) {
      return new Removed(key);
    }
    ValueType type = type(code % MORE);
    int count = length(in, MOST_PARTS);
    if (count % type.stride() != 0) {
      throw new IOException("half a pair");
    }
    var parts = new ArrayList<String>(Math.min(count, 1_000));
    for (int i = 0; i < count; i++) {
      parts.add(text(in));
    }
    if (code < MORE) {
      return new Value(key, type, parts);
    }
    if (code < REMOVED && type != ValueType.STRING && type != ValueType.LIST) {
      return new More(key, type, parts);
    }
    throw new IOException("an unknown code " + code);
  }

  private static int code(ValueType type) {
    return switch (type) {
      case STRING -> 1;
      case LIST -> 2;
      case HASH -> 3;
      case SET -> 4;
      case SORTED_SET -> 5;
    };
  }

  private static ValueType type(int code) throws IOException {
    return switch (code) {
      case 1 -> ValueType.STRING;
      case 2 -> ValueType.LIST;
      case 3 -> ValueType.HASH;
      case 4 -> ValueType.SET;
      case 5 -> ValueType.SORTED_SET;
      default -> throw new IOException("an unknown type " + code);
    };
  }

  private static void text(DataOutput out, String text) throws IOException {
    if (text.length() > LONGEST_PART) {
      throw new PreconditionFailed(
          "the filesystem's metadata has a value of %d bytes, which is none of JuiceFS's: it was put there by somebody else"
              .formatted(text.length()));
    }
    number(out, text.length());
    out.write(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  private static String text(DataInputStream in) throws IOException {
    byte[] bytes = in.readNBytes(length(in, LONGEST_PART));
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  static void number(DataOutput out, long number) throws IOException {
    long left = number;
    while (left > 127) {
      out.writeByte((int) ((left & 127) | 128));
      left >>>= 7;
    }
    out.writeByte((int) left);
  }

  static long number(DataInput in) throws IOException {
    long number = 0;
    for (int shift = 0; shift < 63; shift += 7) {
      int next = in.readUnsignedByte();
      number |= (long) (next & 127) << shift;
      if (next < 128) {
        return number;
      }
    }
    throw new IOException("a number without an end");
  }

  private static int length(DataInputStream in, int most) throws IOException {
    long length = number(in);
    if (length > most) {
      throw new EOFException("a length of " + length);
    }
    return (int) length;
  }
}
