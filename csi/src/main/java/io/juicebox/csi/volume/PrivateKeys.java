package io.juicebox.csi.volume;

import io.juicebox.csi.status.DriverException.InvalidRequest;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads the private key that belongs to a certificate. */
final class PrivateKeys {
  /** The label of the form that every program reads, PKCS#8. */
  static final String LABEL = "PRIVATE KEY";

  /** The kinds of keys that can be read, each with a signature that tells whose a key is. */
  private static final Map<String, String> SIGNATURES =
      Map.of("RSA", "SHA256withRSA", "EC", "SHA256withECDSA", "EdDSA", "EdDSA");

  private static final int SEQUENCE = 0x30;
  private static final int OCTET_STRING = 0x04;

  /** An INTEGER of value 0. */
  private static final byte[] VERSION = {0x02, 1, 0};

  private PrivateKeys() {}

  /**
   * Reads a PEM text of a PKCS#8, PKCS#1 or EC private key without a passphrase.
   *
   * @param name of its key, the first word of each error
   * @throws InvalidRequest when it is none, or another's
   */
  static PrivateKey parse(String name, String text, PublicKey own) {
    if (text.contains("ENCRYPTED PRIVATE KEY") || text.contains("4,ENCRYPTED")) {
      throw new InvalidRequest(name, "is encrypted: it must have no passphrase");
    }
    List<PemBlock> keys =
        PemBlock.all(text).stream().filter(block -> block.label().endsWith(LABEL)).toList();
    if (keys.size() != 1) {
      throw new InvalidRequest(name, "is no PEM text with one private key");
    }
    Optional<PrivateKey> key = read(keys.getFirst(), own);
    if (key.isEmpty()) {
      throw new InvalidRequest(name, "is no private key that belongs to the certificate");
    }
    return key.get();
  }

  /** Empty when it can't be read (RSA, EC and Ed25519 can), or is another's. */
  private static Optional<PrivateKey> read(PemBlock block, PublicKey own) {
    try {
      return Optional.of(decode(form(block, own), own)).filter(key -> belongs(key, own));
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** A key from its PKCS#8 form, of the kind of its public key. */
  static PrivateKey decode(byte[] pkcs8, PublicKey own) throws GeneralSecurityException {
    return KeyFactory.getInstance(own.getAlgorithm())
        .generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
  }

  private static boolean belongs(PrivateKey key, PublicKey own) {
    byte[] message = own.getEncoded();
    try {
      Signature signature =
          Signature.getInstance(SIGNATURES.getOrDefault(own.getAlgorithm(), own.getAlgorithm()));
      signature.initSign(key);
      signature.update(message);
      byte[] signed = signature.sign();
      signature.initVerify(own);
      signature.update(message);
      return signature.verify(signed);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  /**
   * The PKCS#8 form (RFC 5958) of a key: the forms of before, PKCS#1 (RFC 8017) for RSA and that of
   * RFC 5915 for EC, are its content, and the kind stands in the public key, too.
   */
  private static byte[] form(PemBlock block, PublicKey own) {
    byte[] key = block.bytes();
    return block.label().equals(LABEL)
        ? key
        : element(SEQUENCE, VERSION, first(own.getEncoded()), element(OCTET_STRING, key));
  }

  /** The first element of a SEQUENCE. */
  private static byte[] first(byte[] sequence) {
    ByteBuffer in = ByteBuffer.wrap(sequence);
    var _ = length(in); // of the whole
    int start = in.position();
    int length = length(in);
    return Arrays.copyOfRange(sequence, start, in.position() + length);
  }

  /** Reads the tag and the length of an element in DER (X.690, 8.1). */
  private static int length(ByteBuffer in) {
    var _ = in.get();
    int length = in.get() & 0xff;
    if (length < 0x80) {
      return length;
    }
    int bytes = length & 0x7f;
    length = 0;
    for (int i = 0; i < bytes; i++) {
      length = (length << 8) | (in.get() & 0xff);
    }
    return length;
  }

  private static byte[] element(int tag, byte[]... contents) {
    int length = Arrays.stream(contents).mapToInt(content -> content.length).sum();
    var out = new ByteArrayOutputStream();
    out.write(tag);
    if (length < 0x80) {
      out.write(length);
    } else {
      int bytes = (Integer.SIZE - Integer.numberOfLeadingZeros(length) + 7) / 8;
      out.write(0x80 | bytes);
      for (int i = bytes - 1; i >= 0; i--) {
        out.write(length >> (8 * i));
      }
    }
    for (byte[] content : contents) {
      out.writeBytes(content);
    }
    return out.toByteArray();
  }
}
