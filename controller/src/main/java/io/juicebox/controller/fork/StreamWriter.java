package io.juicebox.controller.fork;

import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.function.Consumer;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;

/** Writes a stream of metadata, see {@link StreamFormat}, to a file. */
final class StreamWriter implements Consumer<Entry>, AutoCloseable {
  private static final int BUFFER = 1 << 16;

  private final OutputStream file;
  private final DigestOutputStream digested;

  /** A quarter larger than by default (measured), but the copy waits less for it. */
  private final Deflater deflater = new Deflater(Deflater.BEST_SPEED);

  private final DeflaterOutputStream compressed;
  private final DataOutputStream frames;
  private long count;

  /** Begins a stream in a file that is there or not. */
  StreamWriter(Path path) throws IOException {
    this.file = Files.newOutputStream(path);
    this.digested = new DigestOutputStream(new BufferedOutputStream(file, BUFFER), digest());
    this.compressed = new DeflaterOutputStream(digested, deflater, BUFFER);
    this.frames = new DataOutputStream(new BufferedOutputStream(compressed, BUFFER));
    var head = new DataOutputStream(digested);
    head.write(StreamFormat.MAGIC);
    head.writeShort(StreamFormat.VERSION);
    head.flush();
  }

  static MessageDigest digest() {
    try {
      return MessageDigest.getInstance(StreamFormat.DIGEST);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void accept(Entry entry) {
    try {
      StreamFormat.write(frames, entry);
      count++;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Ends the stream; a file without this is none. */
  void finish() throws IOException {
    frames.writeByte(StreamFormat.END);
    StreamFormat.number(frames, count);
    frames.flush();
    compressed.finish();
    byte[] sum = digested.getMessageDigest().digest();
    digested.on(false);
    digested.write(sum);
    digested.flush();
  }

  @Override
  public void close() throws IOException {
    deflater.end();
    file.close();
  }
}
