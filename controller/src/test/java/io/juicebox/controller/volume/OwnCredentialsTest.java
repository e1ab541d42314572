package io.juicebox.controller.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.juicebox.controller.object.ObjectStore.Bucket;
import io.juicebox.controller.object.S3ObjectStore;
import io.juicebox.controller.registry.Origin;
import io.juicebox.controller.registry.VolumeRecord;
import io.juicebox.csi.status.DriverException.BackendUnavailable;
import io.juicebox.csi.status.DriverException.Failed;
import io.juicebox.csi.status.DriverException.Forbidden;
import io.juicebox.csi.volume.BackendConnection;
import io.juicebox.csi.volume.Credentials;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Volumes with a Redis user and an account of their own, on real servers. */
@Tag("real")
final class OwnCredentialsTest extends CredentialsScene {
  @Test
  void aVolumeHasItsOwnAndTheRegistryDoesNotKnowThem() {
    VolumeRecord volume = controller.create("pvc-1", PER_VOLUME);
    BackendConnection keys = controller.kept(volume);

    assertThat(volume.credentials()).isEqualTo(Credentials.PER_VOLUME);
    assertThat(keys.redisUser()).contains(volume.id().value());
    assertThat(as(volume, keys, "GET", "setting")).contains(volume.id().value());
    assertThat(accounts()).contains(volume.id().value());
    assertThat(redis.cli(1, "HGETALL", "volume:" + volume.id()))
        .doesNotContain(keys.redisPassword().reveal(), keys.objectSecretKey().reveal());
  }

  @Test
  void itsAccountSeesNothingElse() {
    VolumeRecord volume = controller.create("pvc-1", PER_VOLUME);
    try (var objects = new S3ObjectStore(controller.kept(volume), Duration.ofSeconds(8))) {
      assertThatThrownBy(() -> objects.find(volume.bucket())).isInstanceOf(Forbidden.class);
      assertThatThrownBy(() -> objects.removeOwner(volume.bucket(), volume.lineage()))
          .isInstanceOf(Forbidden.class);
    }
    assertThat(controller.objects.find(volume.bucket())).isEqualTo(Bucket.PRESENT);
  }

  @Test
  void anAccountMadeInAdvanceIsUsed() throws Exception {
    controller.issuance.pool().maintain();
    List<String> before = waiting();

    VolumeRecord volume = controller.create("pvc-1", PER_VOLUME);

    assertThat(before).contains(volume.id().value());
    assertThat(waiting()).doesNotContain(volume.id().value());
    assertThat(controller.kept(volume).objectAccessKey().reveal()).isEqualTo(volume.id().value());
    assertThat(controller.create("pvc-1", PER_VOLUME)).isEqualTo(volume); // and costs no other
  }

  /** Made before for a lineage of its own, it gets the rights of a member of the source's. */
  @Test
  void anAccountMadeInAdvanceServesACopyToo() throws Exception {
    VolumeRecord source = controller.create("golden", PER_VOLUME);
    controller.issuance.pool().maintain();
    List<String> before = waiting();

    var request = TestingController.request("forked", PER_VOLUME);
    var from = new SourceId(Origin.Kind.VOLUME, source.id().value());
    VolumeRecord copy =
        controller.create.create(
            new VolumeRequest(
                request.name(),
                request.capacity(),
                request.capabilities(),
                request.parameters(),
                Optional.of(from)),
            TestingController.soon());

    assertThat(before).contains(copy.id().value());
    Path file = Files.createTempFile("block", ".tmp");
    try (var objects = new S3ObjectStore(controller.kept(copy), Duration.ofSeconds(8))) {
      String blocks = source.lineage().prefix() + "chunks/";
      assertThat(objects.get(copy.bucket(), source.lineage().ownerKey(), file)).isTrue();
      objects.put(copy.bucket(), blocks + "2000000/2000000000/2000000000001_0_4", file);
      assertThatThrownBy(() ->
              objects.put(copy.bucket(), blocks + "1000000/1000000000/1000000000001_0_4", file))
          .isInstanceOf(Forbidden.class);
    } finally {
      Files.delete(file);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = ControllerStep.class,
      names = {"CREATE_KEPT", "CREATE_USER", "CREATE_ACCOUNT"})
  void aCreationThatWasCutOffGoesOnWithWhatWasKept(ControllerStep step) {
    controller.failAt(step, () -> new BackendUnavailable("it", "is away", null));
    assertThatThrownBy(() -> controller.create("pvc-1", PER_VOLUME))
        .isInstanceOf(BackendUnavailable.class);
    controller.heal();

    VolumeRecord volume = controller.create("pvc-1", PER_VOLUME);

    assertThat(as(volume, controller.kept(volume), "PING")).isEqualTo("PONG");
    assertThat(accounts()).contains(volume.id().value());
  }

  @ParameterizedTest
  @EnumSource(
      value = ControllerStep.class,
      names = {"CREATE_KEPT", "CREATE_USER", "CREATE_ACCOUNT"})
  void aCreationThatFailsIsUndone(ControllerStep step) {
    controller.failAt(step, () -> new Failed("it failed"));
    assertThatThrownBy(() -> controller.create("pvc-1", PER_VOLUME)).isInstanceOf(Failed.class);
    controller.heal();

    assertThat(controller.volumes.list("", 0).volumes()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(
      value = ControllerStep.class,
      names = {"DELETE_USER", "DELETE_ACCOUNT", "DELETE_CREDENTIALS"})
  void aDeletionThatWasCutOffGoesOn(ControllerStep step) throws Exception {
    VolumeRecord volume = controller.create("pvc-1", PER_VOLUME);
    controller.failAt(step, () -> new BackendUnavailable("it", "is away", null));
    assertThatThrownBy(() -> controller.delete(volume)).isInstanceOf(BackendUnavailable.class);
    controller.heal();

    controller.delete(volume);
    assertThat(controller.volumes.list("", 0).volumes()).isEmpty();
  }

  @Test
  void whatTheServersHaveLostIsGivenBack() throws IOException {
    VolumeRecord volume = controller.create("pvc-1", PER_VOLUME);
    redis.cli(0, "ACL", "DELUSER", volume.id().value());
    redis.cli(0, "ACL", "SETUSER", "default-" + "0".repeat(20));
    redis.cli(0, "ACL", "SETUSER", "somebody");
    controller.issuance.credentials().removeAccounts(volume);
    assertThat(accounts()).doesNotContain(volume.id().value());

    controller.issuance.restorer().look();

    assertThat(as(volume, controller.kept(volume), "PING")).isEqualTo("PONG");
    assertThat(accounts()).contains(volume.id().value());
    assertThat(redis.cli(0, "ACL", "USERS").lines())
        .containsExactlyInAnyOrder("default", "somebody", volume.id().value());
    redis.cli(0, "ACL", "DELUSER", "somebody");
  }

  @Test
  void nothingOfAVolumeThatIsBeingDeletedIsGivenBack() throws Exception {
    VolumeRecord volume = controller.create("pvc-1", PER_VOLUME);
    controller.at(ControllerStep.DELETE_ACCOUNT, controller.issuance.restorer()::look);

    controller.delete(volume);

    assertThat(accounts()).doesNotContain(volume.id().value());
    assertThat(redis.cli(0, "ACL", "USERS")).isEqualTo("default");
  }

  private static String as(VolumeRecord volume, BackendConnection keys, String... command) {
    return redis.as(
        volume.id().value(),
        keys.redisPassword().reveal(),
        volume.number().value(),
        List.of(command));
  }

  /** Of all volumes, and those that wait. */
  private static Set<String> accounts() {
    return minio.accounts();
  }
}
