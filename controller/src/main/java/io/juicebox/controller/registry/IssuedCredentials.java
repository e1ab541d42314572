package io.juicebox.controller.registry;

import io.juicebox.controller.redis.PasswordHash;
import io.juicebox.csi.volume.CredentialName;
import io.juicebox.csi.volume.VolumeId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The credentials that a volume has been given. Of each the registry knows the name and the
 * password's hash; the rest is where nodes read it, of the present ones alone.
 *
 * @param generation of the present ones: 1, and one more with each rotation
 * @param begun the last generation of which anything may ever have been made
 * @param next the generation after it, while that is being made
 * @param former the generation before it, as long as it works
 */
public record IssuedCredentials(
    VolumeId volume,
    int generation,
    int begun,
    PasswordHash password,
    Optional<PasswordHash> next,
    Optional<Former> former) {

  /**
   * What a rotation has replaced.
   *
   * @param replaced when the present ones took its place, by the server's clock
   * @param until it works until then at least, unless it is cut off
   * @param ends whether it is being removed, and may work no more
   */
  public record Former(PasswordHash password, Instant replaced, Instant until, boolean ends) {}

  public CredentialName name() {
    return new CredentialName(volume, generation);
  }

  public CredentialName nextName() {
    return new CredentialName(volume, generation + 1);
  }

  /** The name before this one; there is one after a rotation. */
  public CredentialName formerName() {
    return new CredentialName(volume, generation - 1);
  }

  /** All users that a Redis has to have; not those that are being made or removed. */
  public Map<CredentialName, PasswordHash> users() {
    var users = new LinkedHashMap<CredentialName, PasswordHash>();
    users.put(name(), password);
    former.filter(it -> !it.ends()).ifPresent(it -> users.put(formerName(), it.password()));
    return users;
  }

  /** Of all users and accounts that there may be, those of a rotation that was taken back too. */
  public List<CredentialName> names() {
    var names = new ArrayList<>(List.of(name()));
    if (begun > generation) {
      names.add(nextName());
    }
    former.ifPresent(_ -> names.add(formerName()));
    return names;
  }
}
