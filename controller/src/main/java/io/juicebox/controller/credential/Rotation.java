package io.juicebox.controller.credential;

import static java.util.stream.Collectors.joining;

import io.juicebox.controller.redis.PasswordHash;
import io.juicebox.controller.registry.Claim;
import io.juicebox.controller.registry.IssuedCredentials;
import io.juicebox.controller.registry.IssuedCredentials.Former;
import io.juicebox.controller.registry.Rotations;
import io.juicebox.controller.registry.Rotations.Reason;
import io.juicebox.controller.registry.VolumeRecord;
import io.juicebox.csi.ops.Steps;
import io.juicebox.csi.status.DriverException.OperationPending;
import io.juicebox.csi.status.DriverException.PreconditionFailed;
import io.juicebox.csi.volume.BackendConnection;
import io.juicebox.csi.volume.CredentialName;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;

/**
 * Gives a volume other credentials: a user and an account of the next generation, then their keys
 * to the store, from which nodes get them with the next publish call; the former ones work until
 * everybody has the new ones.
 *
 * <p>Every method wants the claim on its volume, and may be broken off and run again at any point.
 * A rotation whose keys have not reached the store is taken back by {@link #goOn}: nobody knows
 * them.
 */
public final class Rotation {
  /** A juicefs that lost its connection has another one long before. */
  private static final Duration BETWEEN_LOOKS = Duration.ofMinutes(1);

  private static final int MOST_HOSTS = 5;

  private final Rotations rotations;
  private final VolumeCredentials credentials;
  private final Duration overlap;
  private final Steps steps;

  /**
   * @param overlap how long former credentials work at least
   */
  Rotation(Rotations rotations, VolumeCredentials credentials, Duration overlap, Steps steps) {
    this.rotations = rotations;
    this.credentials = credentials;
    this.overlap = overlap;
    this.steps = steps;
  }

  /** What became of a rotation that was asked for. */
  public sealed interface Outcome {
    /**
     * The volume has new credentials.
     *
     * @param formerUntil the former ones work until then at least
     */
    record Rotated(Instant formerUntil) implements Outcome {}

    /** It got new ones a while ago, and the former still work: nothing was changed. */
    record Pending(Former former) implements Outcome {}

    /** It has no credentials of its own. */
    record Shared() implements Outcome {}
  }

  /**
   * Makes and keeps new credentials.
   *
   * @param patience how long to wait for accounts that others make
   * @throws PreconditionFailed when the object store makes no accounts
   */
  public Outcome rotate(Claim claim, VolumeRecord volume, Duration patience) {
    if (volume.issued().isEmpty()) {
      return new Outcome.Shared();
    }
    IssuedCredentials issued = volume.issued().get();
    if (issued.former().isPresent()) {
      return new Outcome.Pending(issued.former().get());
    }
    if (!isNextKept(volume, issued)) {
      make(claim, volume, issued.nextName(), patience);
    }
    Instant until = rotations.end(claim, overlap);
    steps.reached(RotationStep.ROTATE_DONE);
    return new Outcome.Rotated(until);
  }

  private void make(Claim claim, VolumeRecord volume, CredentialName name, Duration patience) {
    credentials.requireAccounts();
    BackendConnection fresh = credentials.random(name);
    rotations.begin(claim, PasswordHash.of(fresh.redisPassword()));
    steps.reached(RotationStep.ROTATE_NOTED);
    credentials.makeAccount(volume, fresh, patience);
    steps.reached(RotationStep.ROTATE_ACCOUNT);
    requireHeld(claim, volume);
    var _ = credentials.makeUser(volume, name, fresh);
    steps.reached(RotationStep.ROTATE_USER);
    requireHeld(claim, volume);
    credentials.replace(volume, fresh);
    steps.reached(RotationStep.ROTATE_KEPT);
  }

  /** Without the claim what was made may be gone again, or be another's by now. */
  private static void requireHeld(Claim claim, VolumeRecord volume) {
    if (!claim.isHeld()) {
      throw new OperationPending(volume.id().value());
    }
  }

  /** Whether nodes get the next credentials, of which a rotation that was broken off made all. */
  private boolean isNextKept(VolumeRecord volume, IssuedCredentials issued) {
    return issued.next().isPresent()
        && credentials
            .find(volume)
            .map(kept -> PasswordHash.of(kept.redisPassword()))
            .equals(issued.next());
  }

  /**
   * Finishes a rotation that was broken off, or takes it back; ends former credentials whose time
   * is over, once nobody uses them.
   *
   * @param clients the hosts of Redis's clients by their users, as they are now
   * @throws PreconditionFailed naming those that still use them
   */
  void goOn(Claim claim, VolumeRecord volume, Map<String, Set<String>> clients) {
    IssuedCredentials issued = volume.issued().orElseThrow();
    if (issued.next().isPresent()) {
      settle(claim, volume, issued);
    } else if (issued.former().isPresent()) {
      Set<String> still = clients.getOrDefault(issued.formerName().value(), Set.of());
      retire(claim, volume, still.isEmpty() ? Reason.UNUSED : Reason.USED);
      if (!still.isEmpty() && !issued.former().get().ends()) {
        throw stillUsed(volume, issued.former().get(), still);
      }
    }
  }

  private void settle(Claim claim, VolumeRecord volume, IssuedCredentials issued) {
    if (isNextKept(volume, issued)) {
      var _ = rotations.end(claim, overlap);
    } else {
      requireHeld(claim, volume);
      credentials.removeUser(issued.nextName());
      requireHeld(claim, volume);
      credentials.removeAccount(issued.nextName());
      rotations.forgetNext(claim);
    }
  }

  private static PreconditionFailed stillUsed(
      VolumeRecord volume, Former former, Set<String> hosts) {
    return new PreconditionFailed(
        ("clients at %s still use keys of volume %s from before %s: publish it there again, or end"
                + " these keys with rotate --end-former")
            .formatted(
                hosts.stream().sorted().limit(MOST_HOSTS).collect(joining(", ")),
                volume.id(),
                former.replaced()));
  }

  /** Ends the former credentials, whoever uses them; does nothing when there are none. */
  public void endFormer(Claim claim, VolumeRecord volume) {
    retire(claim, volume, Reason.FORCED);
  }

  private void retire(Claim claim, VolumeRecord volume, Reason reason) {
    Duration pause = overlap.compareTo(BETWEEN_LOOKS) < 0 ? overlap : BETWEEN_LOOKS;
    if (volume.issued().isPresent() && rotations.retire(claim, reason, pause)) {
      steps.reached(RotationStep.RETIRE_NOTED);
      CredentialName former = volume.issued().get().formerName();
      credentials.removeUser(former);
      steps.reached(RotationStep.RETIRE_USER);
      credentials.removeAccount(former);
      steps.reached(RotationStep.RETIRE_ACCOUNT);
      rotations.forgetFormer(claim);
      steps.reached(RotationStep.RETIRE_DONE);
    }
  }
}
