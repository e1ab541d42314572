package io.juicebox.controller.fork;

import io.juicebox.csi.status.DriverException.Failed;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.zip.InflaterInputStream;

/** Reads a stream of metadata from a file, see {@link StreamFormat}. */
final class StreamReader {
  private static final int BUFFER = 1 << 16;

  private final Path path;
  private final long content;

  private StreamReader(Path path, long content) {
    this.path = path;
    this.content = content;
  }

  /**
   * Opens a stream that is whole: every byte is read and compared with the checksum.
   *
   * @throws Failed when it is no stream, one of another version, cut short or damaged
   */
  static StreamReader verified(Path path) throws IOException {
    long content = Files.size(path) - StreamFormat.DIGEST_BYTES;
    try (var in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(path), BUFFER))) {
      if (content < StreamFormat.HEAD
          || !Arrays.equals(in.readNBytes(StreamFormat.MAGIC.length), StreamFormat.MAGIC)) {
        throw new Failed("what was to be a copy of metadata is none, or was cut short");
      }
      int version = in.readUnsignedShort();
      if (version != StreamFormat.VERSION) {
        throw new Failed(
            "a copy of metadata has format %d, and this controller reads %d: use a newer one"
                .formatted(version, StreamFormat.VERSION));
      }
    }
    try (var in = Files.newInputStream(path)) {
      var digested = new DigestInputStream(in, StreamWriter.digest());
      skip(digested, content);
      if (!Arrays.equals(
          digested.getMessageDigest().digest(), in.readNBytes(StreamFormat.DIGEST_BYTES))) {
        throw new Failed("a copy of metadata is damaged or was cut short: its checksum is wrong");
      }
    }
    return new StreamReader(path, content);
  }

  private static void skip(InputStream in, long bytes) throws IOException {
    var buffer = new byte[BUFFER];
    long left = bytes;
    while (left > 0) {
      int read = in.read(buffer, 0, (int) Math.min(left, BUFFER));
      if (read < 0) {
        return; // shorter than a moment ago: its checksum will be wrong
      }
      left -= read;
    }
  }

  /** Reads the entries in their order; as often as wanted. */
  void forEach(Consumer<Entry> action) throws IOException {
    try (var file = new BufferedInputStream(Files.newInputStream(path), BUFFER)) {
      file.skipNBytes(StreamFormat.HEAD);
      var packed = new Limited(file, content - StreamFormat.HEAD);
      var frames =
          new DataInputStream(new BufferedInputStream(new InflaterInputStream(packed), BUFFER));
      long count = 0;
      for (int code = frames.readUnsignedByte();
          code != StreamFormat.END;
          code = frames.readUnsignedByte()) {
        action.accept(StreamFormat.read(frames, code));
        count++;
      }
      if (StreamFormat.number(frames) != count) {
        throw new IOException("it doesn't have as many entries as it says");
      }
    }
  }

  /** So many bytes of another stream. */
  private static final class Limited extends FilterInputStream {
    private long left;

    Limited(InputStream in, long left) {
      super(in);
      this.left = left;
    }

    @Override
    public int read() throws IOException {
      return left-- > 0 ? super.read() : -1;
    }

    @Override
    public int read(byte[] bytes, int from, int most) throws IOException {
      if (left <= 0) {
        return -1;
      }
      int read = super.read(bytes, from, (int) Math.min(most, left));
      left -= Math.max(read, 0);
      return read;
    }
  }
}
