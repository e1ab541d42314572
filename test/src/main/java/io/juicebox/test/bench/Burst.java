package io.juicebox.test.bench;

import io.juicebox.csi.spec.ControllerGrpc;
import io.juicebox.csi.spec.ListVolumesRequest;
import io.juicebox.csi.spec.Volume;
import io.juicebox.csi.spec.VolumeCapability.AccessMode.Mode;
import io.juicebox.csi.volume.BackendConnection;
import io.juicebox.test.client.Requests;
import io.juicebox.test.server.RandomText;
import io.juicebox.test.server.Waiting;
import io.juicebox.test.stack.LocalStack;
import io.minio.MinioClient;
import io.minio.StatObjectArgs;
import io.minio.admin.MinioAdminClient;
import io.minio.admin.UserInfo;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import okhttp3.OkHttpClient;

/**
 * Many CreateVolume at once, more than there are accounts in advance, beside as many bare accounts
 * made by MinIO's own client; one half of these before and one after, so that a busy machine slows
 * both. Then looks whether each volume's keys work, and whether as many accounts are left as wait
 * for volumes once all are deleted.
 */
final class Burst {
  private static final int VOLUMES = 50;
  private static final int HALF = VOLUMES / 2;
  private static final int IN_ADVANCE = 8; // ACCOUNT_POOL as it is by default
  private static final Mode MODE = Mode.SINGLE_NODE_MULTI_WRITER;
  private static final long GIB = 1L << 30;
  private static final Duration REFILL = Duration.ofSeconds(60);
  private static final Duration POLL = Duration.ofMillis(500);

  private final LocalStack stack;
  private final MinioAdminClient admin;
  private final List<String> bare = new ArrayList<>();

  Burst(LocalStack stack) {
    this.stack = stack;
    this.admin = stack.backend().accounts();
  }

  void run(Table table) throws Exception {
    System.out.printf("%d volumes at once, between twice %d accounts%n", VOLUMES, HALF);
    makeBare(1); // warms up
    awaitAccounts();
    var alone = new Samples();
    alone.measure(() -> makeBare(HALF));
    var ours = new Samples();
    var volumes = ours.measure(this::createAll);
    awaitAccounts();
    alone.measure(() -> makeBare(HALF));
    var all = new Samples();
    all.add(alone.total());
    table.ratio(VOLUMES + " CreateVolume at once / accounts alone", ours, all, 1.0);
    requireWorking(volumes);
    for (var volume : volumes) {
      var _ = controller().deleteVolume(Requests.delete(volume));
    }
    for (var name : bare) {
      admin.deleteUser(name);
      admin.removeCannedPolicy(name);
    }
    requireNoAccounts();
  }

  /** One after another, as a script would. */
  private List<String> makeBare(int count) throws Exception {
    for (var i = 0; i < count; i++) {
      var name = "bare-" + RandomText.of(12);
      admin.addCannedPolicy(name, policy(name));
      admin.addUser(name, UserInfo.Status.ENABLED, RandomText.of(32), null, List.of());
      admin.setPolicy(name, false, name);
      bare.add(name);
    }
    return bare;
  }

  private static String policy(String name) {
    return """
    {"Version": "2012-10-17", "Statement": [
      {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::bare/%1$s/*"]},
      {"Effect": "Allow", "Action": ["s3:PutObject"], "Resource": ["arn:aws:s3:::bare/%1$s/chunks/*"]}]}
    """
        .formatted(name);
  }

  private List<Volume> createAll() throws Exception {
    var volumes = new ArrayList<Volume>();
    try (var calls = Executors.newVirtualThreadPerTaskExecutor()) {
      var answers =
          IntStream.range(0, VOLUMES)
              .mapToObj(i -> calls.submit(() -> create("burst-" + i)))
              .toList();
      for (var answer : answers) {
        volumes.add(answer.get());
      }
    }
    return volumes;
  }

  private Volume create(String name) {
    return controller().createVolume(Requests.create(name, GIB, MODE)).getVolume();
  }

  private ControllerGrpc.ControllerBlockingStub controller() {
    return stack.controller().client().controller();
  }

  /** Each is listed, which only those are that are ready, and its keys open what is its own. */
  private void requireWorking(List<Volume> volumes) throws Exception {
    var listed =
        controller().listVolumes(ListVolumesRequest.getDefaultInstance()).getEntriesList().stream()
            .map(entry -> entry.getVolume().getVolumeId())
            .collect(Collectors.toSet());
    var http = new OkHttpClient();
    for (var volume : volumes) {
      var keys = keys(volume);
      var _ = client(keys, http).statObject(owner(volume)); // fails unless it may be read
      if (!listed.contains(volume.getVolumeId()) || !setting(volume, keys).contains(uuid(volume))) {
        throw new IllegalStateException(volume + " is not ready, or has another's filesystem");
      }
    }
  }

  private static MinioClient client(BackendConnection keys, OkHttpClient http) {
    return MinioClient.builder()
        .endpoint(keys.objectEndpoint().toString())
        .region(keys.objectRegion())
        .credentials(keys.objectAccessKey().reveal(), keys.objectSecretKey().reveal())
        .httpClient(http)
        .build();
  }

  private StatObjectArgs owner(Volume volume) {
    return StatObjectArgs.builder()
        .bucket(stack.backend().bucket())
        .object(volume.getVolumeId() + "/owner")
        .build();
  }

  /** What the volume's own user reads. */
  private String setting(Volume volume, BackendConnection keys) {
    var number = Integer.parseInt(volume.getVolumeContextOrThrow("number"));
    var user = keys.redisUser().orElseThrow();
    var password = keys.redisPassword().reveal();
    return stack.backend().redis().as(user, password, number, List.of("GET", "setting"));
  }

  private static String uuid(Volume volume) {
    return volume.getVolumeContextOrThrow("uuid");
  }

  private BackendConnection keys(Volume volume) {
    var id = volume.getVolumeId();
    return BackendConnection.from(id, stack.keys(id));
  }

  /** The last of them may still be in the making, for a second. */
  private void awaitAccounts() throws InterruptedException {
    if (!Waiting.until(() -> waiting().size() == IN_ADVANCE, REFILL, POLL)) {
      throw new IllegalStateException("the accounts in advance are " + waiting());
    }
    Thread.sleep(Duration.ofSeconds(2));
  }

  private Set<String> waiting() {
    var ids = stack.backend().redis().cli(1, "ZRANGE", "blanks", "0", "-1");
    return ids.lines().collect(Collectors.toSet());
  }

  /** No volume is left, so none but those that wait for one. */
  private void requireNoAccounts() {
    var minio = stack.backend().minio();
    if (!Waiting.until(
        () -> waiting().size() == IN_ADVANCE && minio.accounts().equals(waiting()), REFILL, POLL)) {
      throw new IllegalStateException(
          "accounts %s, of which %s wait for volumes".formatted(minio.accounts(), waiting()));
    }
  }
}
