package io.juicebox.node.service;

import io.juicebox.csi.status.DriverException.Failed;
import io.juicebox.csi.volume.VolumeId;
import io.juicebox.mountservice.v1.Health;
import io.juicebox.mountservice.v1.RestartProgress;
import io.juicebox.mountservice.v1.RestartProgress.Outcome;
import io.juicebox.node.mount.MountHealth;
import io.juicebox.node.mount.MountHealth.State;
import io.juicebox.node.mount.Restart;

/** What is told of the health and the restarts of mounts, as the messages have it. */
final class HealthMessages {
  private HealthMessages() {}

  static Health message(MountHealth health) {
    return Health.newBuilder()
        .setVolumeId(health.volume().value())
        .setState(message(health.state()))
        .setCause(health.cause())
        .setSince(Times.message(health.since()))
        .build();
  }

  /**
   * Reads what a service told.
   *
   * @throws Failed when it is no volume's health
   */
  static MountHealth health(Health message) {
    return new MountHealth(
        VolumeId.tryParse(message.getVolumeId())
            .orElseThrow(() -> new Failed("the mount service told of what is no volume")),
        state(message.getState()),
        message.getCause(),
        Times.instant(message.getSince()));
  }

  static RestartProgress message(VolumeId volume, Restart restart) {
    var message = RestartProgress.newBuilder().setVolumeId(volume.value());
    return switch (restart) {
      case Restart.Restarted(var pause) ->
          message.setOutcome(Outcome.RESTARTED).setPauseMs(pause.toMillis()).build();
      case Restart.Busy(var why) -> message.setOutcome(Outcome.BUSY).setCause(why).build();
      case Restart.NotMounted() -> message.setOutcome(Outcome.SKIPPED).build();
    };
  }

  static RestartProgress failed(VolumeId volume, String cause) {
    return RestartProgress.newBuilder()
        .setVolumeId(volume.value())
        .setOutcome(Outcome.FAILED)
        .setCause(cause)
        .build();
  }

  private static Health.State message(State state) {
    return switch (state) {
      case SERVING -> Health.State.SERVING;
      case HUNG -> Health.State.HUNG;
      case RESTARTING -> Health.State.RESTARTING;
      case FAILED -> Health.State.FAILED;
    };
  }

  /** A state of a later version is some trouble. */
  private static State state(Health.State message) {
    return switch (message) {
      case SERVING -> State.SERVING;
      case HUNG, STATE_UNSPECIFIED, UNRECOGNIZED -> State.HUNG;
      case RESTARTING -> State.RESTARTING;
      case FAILED -> State.FAILED;
    };
  }
}
