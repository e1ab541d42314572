package io.juicebox.csi.volume;

import io.juicebox.csi.status.DriverException.InvalidRequest;
import java.io.ByteArrayInputStream;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;

/** X.509 certificates, one or more; equal when they are the same in the same order. */
public record Certificates(List<X509Certificate> list) {
  private static final String LABEL = "CERTIFICATE";

  public Certificates {
    list = List.copyOf(list);
  }

  /**
   * Reads a PEM text.
   *
   * @param name of its key, the first word of each error
   * @throws InvalidRequest when it holds anything else, too: a private key is no certificate
   */
  static Certificates parse(String name, String text) {
    List<PemBlock> blocks = PemBlock.all(text);
    if (blocks.isEmpty() || !blocks.stream().allMatch(block -> block.label().equals(LABEL))) {
      throw invalid(name);
    }
    try {
      CertificateFactory factory = CertificateFactory.getInstance("X.509");
      var certificates = new ArrayList<X509Certificate>();
      for (PemBlock block : blocks) {
        var bytes = new ByteArrayInputStream(block.bytes());
        certificates.add((X509Certificate) factory.generateCertificate(bytes));
      }
      return new Certificates(certificates);
    } catch (CertificateException | IllegalArgumentException e) {
      throw invalid(name); // without the cause, which may quote the text
    }
  }

  private static InvalidRequest invalid(String name) {
    return new InvalidRequest(name, "is no PEM text with X.509 certificates and nothing else");
  }

  /** As PEM text, in the one form that every program reads. */
  public String toPem() {
    var text = new StringBuilder();
    for (X509Certificate certificate : list) {
      try {
        text.append(PemBlock.text(LABEL, certificate.getEncoded()));
      } catch (CertificateEncodingException e) {
        throw new IllegalStateException(e); // it was read from that very form
      }
    }
    return text.toString();
  }

  @Override
  public String toString() {
    return list.stream().map(X509Certificate::getSubjectX500Principal).toList().toString();
  }
}
