package io.juicebox.node.mount;

import io.juicebox.csi.volume.BackendConnection;
import io.juicebox.csi.volume.Certificates;
import io.juicebox.csi.volume.ClientCertificate;
import io.juicebox.csi.volume.Secret;
import io.juicebox.node.kernel.PrivateFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;

/**
 * The certificates and the private key of one volume, which juicefs takes from files only. They are
 * there as long as the volume is mounted, since a process may read them late.
 *
 * @param home holds them, in memory; it is there only when one of them is
 */
record TlsFiles(Path home) {
  Path redisAuthorities() {
    return home.resolve("redis-ca.pem");
  }

  Path redisCertificate() {
    return home.resolve("redis-certificate.pem");
  }

  Path redisKey() {
    return home.resolve("redis-key.pem");
  }

  Path objectAuthorities() {
    return home.resolve("object-ca.pem");
  }

  /** Writes those that there are, in place of what was there. */
  void write(BackendConnection backend) throws IOException {
    Optional<ClientCertificate> client = backend.redisTls().client();
    Optional<String> redisAuthorities = backend.redisTls().authorities().map(Certificates::toPem);
    Optional<String> objectAuthorities = backend.objectAuthorities().map(Certificates::toPem);
    if (client.isEmpty() && redisAuthorities.isEmpty() && objectAuthorities.isEmpty()) {
      remove();
      return;
    }
    Files.createDirectories(home);
    Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwx------"));
    write(redisAuthorities(), redisAuthorities);
    write(redisCertificate(), client.map(ClientCertificate::chain).map(Certificates::toPem));
    write(redisKey(), client.map(ClientCertificate::key).map(Secret::reveal));
    write(objectAuthorities(), objectAuthorities);
  }

  void remove() throws IOException {
    for (Path file :
        List.of(redisAuthorities(), redisCertificate(), redisKey(), objectAuthorities())) {
      PrivateFile.remove(file);
    }
    Files.deleteIfExists(home);
  }

  private static void write(Path file, Optional<String> text) throws IOException {
    if (text.isPresent()) {
      PrivateFile.replace(file, text.get().getBytes(StandardCharsets.UTF_8));
    } else {
      PrivateFile.remove(file);
    }
  }
}
