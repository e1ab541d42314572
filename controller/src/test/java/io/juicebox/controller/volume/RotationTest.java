package io.juicebox.controller.volume;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.juicebox.controller.credential.Rotation.Outcome;
import io.juicebox.controller.credential.RotationStep;
import io.juicebox.controller.registry.VolumeRecord;
import io.juicebox.csi.status.DriverException.BackendUnavailable;
import io.juicebox.csi.status.DriverException.NotFound;
import io.juicebox.csi.volume.BackendConnection;
import io.minio.GetObjectArgs;
import io.minio.MinioClient;
import io.minio.errors.ErrorResponseException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Credentials that take the place of others, on real servers. */
@Tag("real")
final class RotationTest extends CredentialsScene {
  /** No account is made in advance here. */
  @AfterEach
  void noAccountIsLeft() {
    assertThat(waiting()).isEmpty();
  }

  @Test
  void theNewOnesAndTheFormerOnesWork() throws Exception {
    VolumeRecord volume = controller.create("pvc-1", PER_VOLUME);
    BackendConnection former = controller.kept(volume);

    Outcome outcome = rotate(volume);

    BackendConnection present = controller.kept(volume);
    assertThat(outcome).isInstanceOf(Outcome.Rotated.class);
    assertThat(present.redisUser()).contains(volume.id() + ".2");
    assertThat(present.redisPassword()).isNotEqualTo(former.redisPassword());
    assertThat(present.objectSecretKey()).isNotEqualTo(former.objectSecretKey());
    assertThat(present.redis()).isEqualTo(former.redis());
    assertWork(volume, former);
    assertWork(volume, present);
    assertThat(redis.cli(1, "HGETALL", "volume:" + volume.id()))
        .doesNotContain(present.redisPassword().reveal(), present.objectSecretKey().reveal());
  }

  @Test
  void aSecondRotationWaitsForTheFirst() throws Exception {
    VolumeRecord volume = controller.create("pvc-1", PER_VOLUME);
    rotate(volume);
    BackendConnection present = controller.kept(volume);

    assertThat(rotate(volume))
        .isInstanceOfSatisfying(
            Outcome.Pending.class,
            pending -> assertThat(pending.former().until()).isAfter(Instant.now()));
    assertThat(controller.kept(volume)).isEqualTo(present);
  }

  @Test
  void theFormerOnesGoOnceTheirTimeIsOver() throws Exception {
    VolumeRecord volume = controller.create("pvc-1", PER_VOLUME);
    BackendConnection former = controller.kept(volume);
    rotate(volume);

    controller.issuance.restorer().look();
    assertWork(volume, former);
    timePasses(volume);
    controller.issuance.restorer().look();
    assertWork(volume, former); // who uses them may be between two connections
    aMinutePasses(volume);
    controller.issuance.restorer().look();

    assertRefused(volume, former);
    assertWork(volume, controller.kept(volume));
    assertThat(minio.accounts()).containsExactly(volume.id() + ".2");
    rotate(volume);
    assertThat(controller.kept(volume).redisUser()).contains(volume.id() + ".3");
  }

  @Test
  void theyStayAsLongAsSomebodyUsesThem() throws Exception {
    VolumeRecord volume = controller.create("pvc-1", PER_VOLUME);
    BackendConnection former = controller.kept(volume);
    rotate(volume);
    timePasses(volume);
    controller.issuance.restorer().look();
    aMinutePasses(volume);
    try (var _ = connect(former)) {
      controller.issuance.restorer().look();
      assertWork(volume, former);
      assertThat(redis.cli(1, "ZRANGEBYSCORE", "rotations", "-inf", now())).isEmpty();
    }
    due(volume);
    controller.issuance.restorer().look();
    assertWork(volume, former);
    aMinutePasses(volume);
    controller.issuance.restorer().look();
    assertRefused(volume, former);
  }

  @Test
  void cutOffTheyGoAtOnce() throws Exception {
    VolumeRecord volume = controller.create("pvc-1", PER_VOLUME);
    BackendConnection former = controller.kept(volume);
    rotate(volume);
    try (Socket client = connect(former)) {
      controller.rotate.endFormer(volume.id(), TestingController.soon());

      assertThat(client.getInputStream().read()).isEqualTo(-1);
    }
    assertRefused(volume, former);
    assertWork(volume, controller.kept(volume));
    controller.rotate.endFormer(volume.id(), TestingController.soon()); // there are none any more
  }

  @ParameterizedTest
  @EnumSource(
      value = RotationStep.class,
      names = {"ROTATE_NOTED", "ROTATE_ACCOUNT", "ROTATE_USER"})
  void oneThatWasBrokenOffIsTakenBack(RotationStep step) throws Exception {
    VolumeRecord volume = controller.create("pvc-1", PER_VOLUME);
    BackendConnection before = controller.kept(volume);
    breakOff(step, () -> rotate(volume));

    controller.issuance.restorer().look();

    assertThat(controller.kept(volume)).isEqualTo(before);
    assertWork(volume, before);
    assertThat(minio.accounts()).containsExactly(volume.id().value());
    assertThat(redis.cli(0, "ACL", "USERS").lines())
        .containsExactlyInAnyOrder("default", volume.id().value());
  }

  @ParameterizedTest
  @EnumSource(
      value = RotationStep.class,
      names = {"ROTATE_KEPT", "ROTATE_DONE"})
  void oneThatNodesKnowOfIsFinished(RotationStep step) throws Exception {
    VolumeRecord volume = controller.create("pvc-1", PER_VOLUME);
    BackendConnection former = controller.kept(volume);
    breakOff(step, () -> rotate(volume));
    BackendConnection present = controller.kept(volume);

    controller.issuance.restorer().look();

    assertWork(volume, former);
    assertWork(volume, present);
    assertThat(rotate(volume)).isInstanceOf(Outcome.Pending.class);
    assertThat(controller.kept(volume)).isEqualTo(present);
  }

  @ParameterizedTest
  @EnumSource(
      value = RotationStep.class,
      names = {"ROTATE_NOTED", "ROTATE_ACCOUNT", "ROTATE_USER", "ROTATE_KEPT"})
  void askedAgainItGoesOn(RotationStep step) throws Exception {
    VolumeRecord volume = controller.create("pvc-1", PER_VOLUME);
    BackendConnection former = controller.kept(volume);
    breakOff(step, () -> rotate(volume));

    assertThat(rotate(volume)).isInstanceOf(Outcome.Rotated.class);

    assertWork(volume, former);
    assertWork(volume, controller.kept(volume));
    assertThat(minio.accounts()).containsExactlyInAnyOrder(volume.id().value(), volume.id() + ".2");
  }

  @ParameterizedTest
  @EnumSource(
      value = RotationStep.class,
      names = {"RETIRE_NOTED", "RETIRE_USER", "RETIRE_ACCOUNT", "RETIRE_DONE"})
  void anEndThatWasBrokenOffGoesOn(RotationStep step) throws Exception {
    VolumeRecord volume = controller.create("pvc-1", PER_VOLUME);
    BackendConnection former = controller.kept(volume);
    rotate(volume);
    breakOff(step, () -> controller.rotate.endFormer(volume.id(), TestingController.soon()));

    controller.issuance.restorer().look(); // long before its time would be over

    assertRefused(volume, former);
    assertThat(minio.accounts()).containsExactly(volume.id() + ".2");
  }

  @ParameterizedTest
  @EnumSource(RotationStep.class)
  void aVolumeIsDeletedWithAllOfThem(RotationStep step) throws Exception {
    VolumeRecord volume = controller.create("pvc-1", PER_VOLUME);
    controller.failAt(step, () -> new BackendUnavailable("it", "is away", null));
    assertThatThrownBy(
            () -> {
              rotate(volume);
              controller.rotate.endFormer(volume.id(), TestingController.soon());
            })
        .isInstanceOf(BackendUnavailable.class);
    controller.heal();
    controller.delete(volume); // and nothing is left, see empty()
    assertThatThrownBy(() -> rotate(volume)).isInstanceOf(NotFound.class);
  }

  @Test
  void allThatWorkComeBackWhenRedisHasLostThem() throws Exception {
    VolumeRecord volume = controller.create("pvc-1", PER_VOLUME);
    BackendConnection former = controller.kept(volume);
    rotate(volume);
    redis.cli(0, "ACL", "DELUSER", volume.id().value(), volume.id() + ".2");

    controller.issuance.restorer().look();

    assertWork(volume, former);
    assertWork(volume, controller.kept(volume));
  }

  @Test
  void theyAreNotEndedBeforeTheirTime() throws Exception {
    VolumeRecord volume = controller.create("pvc-1", PER_VOLUME);
    BackendConnection former = controller.kept(volume);
    rotate(volume);
    due(volume); // as when a look began while the rotation was under way
    controller.issuance.restorer().look();
    assertWork(volume, former);
    assertThat(redis.cli(1, "HEXISTS", "volume:" + volume.id(), "formerUnused")).isEqualTo("0");
  }

  @Test
  void whatIsKeptOfAnotherAttemptIsNotTakenForThisOne() throws Exception {
    VolumeRecord volume = controller.create("pvc-1", PER_VOLUME);
    BackendConnection before = controller.kept(volume);
    breakOff(RotationStep.ROTATE_KEPT, () -> rotate(volume));
    redis.cli(1, "HSET", "volume:" + volume.id(), "nextPassword", "0".repeat(64));

    assertThat(rotate(volume)).isInstanceOf(Outcome.Rotated.class);

    assertWork(volume, before);
    assertWork(volume, controller.kept(volume));
  }

  @Test
  void aUserThatStayedGoes() throws Exception {
    VolumeRecord volume = controller.create("pvc-1", PER_VOLUME);
    redis.cli(0, "ACL", "SETUSER", volume.id() + ".7");
    controller.issuance.restorer().look();
    assertThat(redis.cli(0, "ACL", "USERS").lines())
        .containsExactlyInAnyOrder("default", volume.id().value());
  }

  @Test
  void credentialsThatWereLostAreReplaced() throws Exception {
    VolumeRecord volume = controller.create("pvc-1", PER_VOLUME);
    Files.delete(controller.credentials().resolve(volume.id().value()));
    rotate(volume);
    assertWork(volume, controller.kept(volume));
  }

  @Test
  void sharedOnesAreLeftAlone() throws Exception {
    VolumeRecord volume = controller.create("pvc-1");
    assertThat(rotate(volume)).isEqualTo(new Outcome.Shared());
    controller.rotate.endFormer(volume.id(), TestingController.soon());
  }

  @Test
  void volumesAreFound() throws Exception {
    VolumeRecord volume = controller.create("pvc-1", PER_VOLUME);
    assertThat(controller.rotate.named("pvc-1")).contains(volume.id());
    assertThat(controller.rotate.named("pvc-2")).isEmpty();
    assertThat(controller.rotate.all()).containsExactly(volume.id());
  }

  private static Outcome rotate(VolumeRecord volume) {
    return controller.rotate.rotate(volume.id(), TestingController.soon());
  }

  private static void breakOff(RotationStep step, Runnable work) {
    controller.failAt(step, () -> new BackendUnavailable("it", "is away", null));
    assertThatThrownBy(work::run).isInstanceOf(BackendUnavailable.class);
    controller.heal();
  }

  /** The time during which the former ones work at least is over. */
  private static void timePasses(VolumeRecord volume) {
    redis.cli(1, "HSET", "volume:" + volume.id(), "formerUntil", "1");
    due(volume);
  }

  /** Since a look at which nobody was seen with the former ones. */
  private static void aMinutePasses(VolumeRecord volume) {
    assertThat(redis.cli(1, "HGET", "volume:" + volume.id(), "formerUnused")).isNotEmpty();
    redis.cli(1, "HSET", "volume:" + volume.id(), "formerUnused", "1");
    due(volume);
  }

  /** The next look looks at it. */
  private static void due(VolumeRecord volume) {
    assertThat(redis.cli(1, "ZADD", "rotations", "XX", "CH", "1", volume.id().value()))
        .isEqualTo("1");
  }

  private static String now() {
    return Long.toString(System.currentTimeMillis());
  }

  private static void assertWork(VolumeRecord volume, BackendConnection keys) throws Exception {
    assertThat(as(volume, keys)).isEqualTo("PONG");
    assertThat(owner(volume, keys)).isEqualTo(volume.id().value());
  }

  private static void assertRefused(VolumeRecord volume, BackendConnection keys) {
    assertThat(as(volume, keys)).contains("WRONGPASS");
    assertThatThrownBy(() -> owner(volume, keys))
        .isInstanceOfSatisfying(
            ErrorResponseException.class,
            refusal -> assertThat(refusal.errorResponse().code()).isEqualTo("InvalidAccessKeyId"));
  }

  private static String as(VolumeRecord volume, BackendConnection keys) {
    return redis.as(
        user(keys), keys.redisPassword().reveal(), volume.number().value(), List.of("PING"));
  }

  private static String owner(VolumeRecord volume, BackendConnection keys) throws Exception {
    MinioClient client =
        MinioClient.builder()
            .endpoint(keys.objectEndpoint().toString())
            .region(keys.objectRegion())
            .credentials(keys.objectAccessKey().reveal(), keys.objectSecretKey().reveal())
            .build();
    var request =
        GetObjectArgs.builder().bucket(volume.bucket()).object(volume.lineage().ownerKey()).build();
    try (var content = client.getObject(request)) {
      return new String(content.readAllBytes(), UTF_8).strip();
    }
  }

  /** A client that stays connected with these keys. */
  private static Socket connect(BackendConnection keys) throws IOException {
    var socket = new Socket(InetAddress.getLoopbackAddress(), redis.port());
    String login = "AUTH %s %s\r\n".formatted(user(keys), keys.redisPassword().reveal());
    socket.getOutputStream().write(login.getBytes(UTF_8));
    var answers = new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
    assertThat(answers.readLine()).isEqualTo("+OK");
    return socket;
  }

  private static String user(BackendConnection keys) {
    return keys.redisUser().orElseThrow();
  }
}
