package io.juicebox.controller.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.juicebox.controller.object.ObjectStore.Bucket;
import io.juicebox.controller.object.S3ObjectStore;
import io.juicebox.controller.registry.VolumeRecord;
import io.juicebox.csi.status.DriverException.BackendUnavailable;
import io.juicebox.csi.status.DriverException.Failed;
import io.juicebox.csi.status.DriverException.Forbidden;
import io.juicebox.csi.volume.BackendConnection;
import io.juicebox.csi.volume.Credentials;
import io.juicebox.test.server.TestingMinio;
import io.juicebox.test.server.TestingRedis;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Volumes with a Redis user and an account of their own, on real servers. */
@Tag("real")
final class OwnCredentialsTest {
  private static final Map<String, String> PER_VOLUME = Map.of("credentials", "perVolume");

  private static TestingRedis redis;
  private static TestingMinio minio;
  private static TestingController controller;

  @BeforeAll
  static void start() {
    redis = TestingRedis.start(500);
    minio = TestingMinio.start();
    controller = new TestingController(redis, minio);
  }

  @AfterEach
  void empty() throws Exception {
    controller.heal();
    for (VolumeRecord volume : controller.volumes.list("", 0).volumes()) {
      controller.delete(volume);
    }
    controller.sweeper.sweep();
    assertThat(controller.credentials()).isEmptyDirectory();
    assertThat(redis.cli(0, "ACL", "USERS")).isEqualTo("default");
    assertThat(accounts()).containsExactlyInAnyOrderElementsOf(waiting());
  }

  @AfterAll
  static void stop() {
    controller.close();
    minio.close();
    redis.close();
  }

  @Test
  void aVolumeHasItsOwnAndTheRegistryDoesNotKnowThem() {
    VolumeRecord volume = controller.create("pvc-1", PER_VOLUME);
    BackendConnection keys = kept(volume);

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
    try (var objects = new S3ObjectStore(kept(volume), Duration.ofSeconds(8))) {
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
    assertThat(kept(volume).objectAccessKey().reveal()).isEqualTo(volume.id().value());
    assertThat(controller.create("pvc-1", PER_VOLUME)).isEqualTo(volume); // and costs no other
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

    assertThat(as(volume, kept(volume), "PING")).isEqualTo("PONG");
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
    controller.issuance.credentials().removeAccount(volume);
    assertThat(accounts()).doesNotContain(volume.id().value());

    controller.issuance.restorer().look();

    assertThat(as(volume, kept(volume), "PING")).isEqualTo("PONG");
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

  private static BackendConnection kept(VolumeRecord volume) {
    Path file = controller.credentials().resolve(volume.id().value());
    try {
      var keys =
          new ObjectMapper()
              .readValue(Files.readString(file), new TypeReference<Map<String, String>>() {});
      return BackendConnection.from("kept", keys);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
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

  private static List<String> waiting() {
    return redis.cli(1, "ZRANGE", "blanks", "0", "-1").lines().toList();
  }
}
