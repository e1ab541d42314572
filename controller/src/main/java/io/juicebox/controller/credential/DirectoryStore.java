package io.juicebox.controller.credential;

import io.juicebox.csi.credential.CredentialDirectory;
import io.juicebox.csi.volume.BackendConnection;
import io.juicebox.csi.volume.VolumeId;
import java.util.Map;
import java.util.Optional;

/** Credentials in files, which nodes on this machine read; for use without Kubernetes. */
public record DirectoryStore(CredentialDirectory directory) implements CredentialStore {
  @Override
  public void requireName(String name) {} // files are named by ids

  @Override
  public BackendConnection keep(VolumeId volume, String name, BackendConnection credentials) {
    return read(volume, directory.keep(volume, credentials.toKeys()));
  }

  @Override
  public void replace(VolumeId volume, String name, BackendConnection credentials) {
    directory.replace(volume, credentials.toKeys());
  }

  @Override
  public Optional<BackendConnection> find(VolumeId volume, String name) {
    return directory.find(volume).map(keys -> read(volume, keys));
  }

  @Override
  public void remove(VolumeId volume, String name) {
    directory.remove(volume);
  }

  private static BackendConnection read(VolumeId volume, Map<String, String> keys) {
    return BackendConnection.from("the credentials of " + volume, keys);
  }
}
