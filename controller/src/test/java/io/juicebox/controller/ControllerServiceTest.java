package io.juicebox.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.juicebox.controller.volume.Backends;
import io.juicebox.controller.volume.Removal;
import io.juicebox.csi.ops.Steps;
import io.juicebox.csi.spec.CapacityRange;
import io.juicebox.csi.spec.ControllerExpandVolumeRequest;
import io.juicebox.csi.spec.ControllerGetCapabilitiesRequest;
import io.juicebox.csi.spec.ControllerGetVolumeHealthRequest;
import io.juicebox.csi.spec.ControllerGetVolumeRequest;
import io.juicebox.csi.spec.ControllerGrpc;
import io.juicebox.csi.spec.ControllerListVolumeHealthRequest;
import io.juicebox.csi.spec.ControllerServiceCapability.RPC;
import io.juicebox.csi.spec.CreateSnapshotRequest;
import io.juicebox.csi.spec.CreateVolumeRequest;
import io.juicebox.csi.spec.DeleteSnapshotRequest;
import io.juicebox.csi.spec.DeleteVolumeRequest;
import io.juicebox.csi.spec.GetCapacityRequest;
import io.juicebox.csi.spec.ListSnapshotsRequest;
import io.juicebox.csi.spec.ListSnapshotsResponse;
import io.juicebox.csi.spec.ListVolumesRequest;
import io.juicebox.csi.spec.Snapshot;
import io.juicebox.csi.spec.ValidateVolumeCapabilitiesRequest;
import io.juicebox.csi.spec.Volume;
import io.juicebox.csi.spec.VolumeCapability;
import io.juicebox.csi.spec.VolumeCapability.AccessMode.Mode;
import io.juicebox.csi.status.StatusInterceptor;
import io.juicebox.csi.volume.VolumeContext;
import io.juicebox.test.server.TestingMinio;
import io.juicebox.test.server.TestingRedis;
import io.juicebox.test.server.Tools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each RPC with its messages and codes, called twice where it may be, on two real backends. */
@Tag("real")
class ControllerServiceTest {
  private static final long GIB = 1L << 30;
  private static final String UNKNOWN = "default-abcdefghijklmnopqrst";
  private static final VolumeCapability WRITER = mount(Mode.SINGLE_NODE_WRITER);
  private static final VolumeCapability BLOCK =
      VolumeCapability.newBuilder()
          .setBlock(VolumeCapability.BlockVolume.getDefaultInstance())
          .setAccessMode(WRITER.getAccessMode())
          .build();

  @TempDir private static Path directory;
  private static TestingRedis redis;
  private static TestingRedis otherRedis;
  private static TestingMinio minio;
  private static List<Connections> connections;
  private static Server server;
  private static ManagedChannel channel;
  private static ControllerGrpc.ControllerBlockingStub controller;

  @BeforeAll
  static void start() throws IOException {
    redis = TestingRedis.start(100);
    otherRedis = TestingRedis.start(100);
    minio = TestingMinio.start();
    write("default", redis);
    write("other", otherRedis);
    var settings = settings(Map.of("POOL_SIZE", "20Gi"));
    connections = Connections.open(settings);
    server =
        InProcessServerBuilder.forName("controller")
            .intercept(new StatusInterceptor())
            .addService(service(settings))
            .build()
            .start();
    channel = InProcessChannelBuilder.forName("controller").build();
    controller = ControllerGrpc.newBlockingStub(channel);
  }

  private static ControllerService service(ControllerSettings settings) {
    var backends =
        new Backends(
            connections.stream().map(each -> each.backend(settings, Optional.empty())).toList());
    Steps steps = step -> {};
    return Main.controller(settings, backends, new Removal(steps), () -> {}, steps);
  }

  private static ControllerSettings settings(Map<String, String> more) {
    var environment = new HashMap<>(more);
    environment.put("CSI_ENDPOINT", "unix:///unused");
    environment.put("BACKENDS", "default,other");
    environment.put("BACKENDS_DIR", directory.toString());
    environment.put("COPIES_DIR", directory.resolve("copies").toString());
    environment.put("JUICEFS", Tools.program("juicefs").toString());
    return ControllerSettings.from(environment);
  }

  private static void write(String backend, TestingRedis server) throws IOException {
    Path folder = Files.createDirectory(directory.resolve(backend));
    Files.writeString(folder.resolve("redis-address"), server.address());
    Files.writeString(folder.resolve("redis-password"), server.password());
    Files.writeString(folder.resolve("object-endpoint"), minio.endpoint());
    Files.writeString(folder.resolve("object-access-key"), minio.accessKey());
    Files.writeString(folder.resolve("object-secret-key"), minio.secretKey());
  }

  @AfterEach
  void deleteAll() {
    listed(ListSnapshotsRequest.newBuilder()).forEach(ControllerServiceTest::delete);
    for (var entry :
        controller.listVolumes(ListVolumesRequest.getDefaultInstance()).getEntriesList()) {
      delete(entry.getVolume());
    }
  }

  @AfterAll
  static void stop() {
    channel.shutdownNow();
    server.shutdownNow();
    connections.forEach(each -> {
      each.redis().close();
      each.objects().close();
    });
    minio.close();
    otherRedis.close();
    redis.close();
  }

  @Test
  void createAnswersWhatANodeNeeds() {
    Volume volume = create("pvc-1", Map.of());
    assertThat(create("pvc-1", Map.of())).isEqualTo(volume);
    assertThat(volume.getCapacityBytes()).isEqualTo(GIB);
    assertThat(VolumeContext.from(volume.getVolumeContextMap()).lineage())
        .hasToString(volume.getVolumeId());
  }

  @Test
  void theClaimGoesWithTheVolume() {
    var claim =
        Map.of(
            "csi.storage.k8s.io/pvc/name", "data",
            "csi.storage.k8s.io/pvc/namespace", "team-a");
    Volume volume = create("pvc-1", claim);
    assertThat(volume.getVolumeContextMap()).containsAllEntriesOf(claim);
    assertThat(create("pvc-1", Map.of("csi.storage.k8s.io/pvc/name", "Not A Name")))
        .isEqualTo(volume);

    assertThat(create("pvc-2", Map.of("csi.storage.k8s.io/pvc/name", "x\n")).getVolumeContextMap())
        .doesNotContainKey("csi.storage.k8s.io/pvc/name");
  }

  @Test
  void aBackendIsChosenByItsName() {
    Volume volume = create("pvc-1", Map.of("backend", "other"));
    assertThat(volume.getVolumeId()).startsWith("other-");
    assertThat(otherRedis.cli(number(volume), "EXISTS", "setting")).isEqualTo("1");
    assertCode(
        Code.INVALID_ARGUMENT, "default, other", () -> create("pvc-2", Map.of("backend", "third")));
  }

  @Test
  void aNameIsOneVolumesWhateverItsBackend() {
    String id = create("pvc-1", Map.of("backend", "other")).getVolumeId();
    assertCode(Code.ALREADY_EXISTS, id, () -> create("pvc-1", Map.of()));
  }

  @Test
  void createRefusesWhatItCannotDo() {
    assertCode(
        Code.ALREADY_EXISTS,
        "pvc-1",
        () -> {
          create("pvc-1", Map.of());
          create("pvc-1", Map.of("uid", "1"));
        });
    assertCode(
        Code.INVALID_ARGUMENT,
        "block",
        () ->
            controller.createVolume(
                CreateVolumeRequest.newBuilder()
                    .setName("pvc-2")
                    .addVolumeCapabilities(BLOCK)
                    .build()));
    assertCode(
        Code.FAILED_PRECONDITION,
        "CREDENTIALS_DIR",
        () -> create("pvc-2", Map.of("credentials", "perVolume")));
    assertCode(
        Code.RESOURCE_EXHAUSTED,
        "POOL_SIZE",
        () -> controller.createVolume(request("pvc-2", 21 * GIB, Map.of())));
    assertCode(
        Code.OUT_OF_RANGE,
        "required_bytes",
        () -> controller.createVolume(request("pvc-2", Long.MAX_VALUE, Map.of())));
  }

  @Test
  void deleteMayBeCalledAgain() {
    Volume volume = create("pvc-1", Map.of());
    delete(volume);
    delete(volume);
    assertCode(
        Code.INVALID_ARGUMENT,
        "volume_id",
        () -> controller.deleteVolume(DeleteVolumeRequest.getDefaultInstance()));
  }

  @Test
  void expandNeedsNoNode() {
    Volume volume = create("pvc-1", Map.of());
    for (int i = 0; i < 2; i++) {
      var answer = controller.controllerExpandVolume(expand(volume.getVolumeId(), 2 * GIB));
      assertThat(answer.getCapacityBytes()).isEqualTo(2 * GIB);
      assertThat(answer.getNodeExpansionRequired()).isFalse();
    }
    assertCode(
        Code.NOT_FOUND, UNKNOWN, () -> controller.controllerExpandVolume(expand(UNKNOWN, 2 * GIB)));
  }

  @Test
  void validateConfirmsOrSaysWhyNot() {
    Volume volume = create("pvc-1", Map.of());
    var confirmed =
        controller.validateVolumeCapabilities(
            validate(volume.getVolumeId(), WRITER)
                .putAllVolumeContext(volume.getVolumeContextMap())
                .build());
    assertThat(confirmed.getConfirmed().getVolumeCapabilitiesList()).containsExactly(WRITER);
    assertThat(confirmed.getConfirmed().getVolumeContextMap())
        .isEqualTo(volume.getVolumeContextMap());

    for (var capability : List.of(BLOCK, mount(Mode.MULTI_NODE_MULTI_WRITER))) {
      var refused =
          controller.validateVolumeCapabilities(validate(volume.getVolumeId(), capability).build());
      assertThat(refused.hasConfirmed()).isFalse();
      assertThat(refused.getMessage()).isNotEmpty();
    }
    assertCode(
        Code.NOT_FOUND,
        UNKNOWN,
        () -> controller.validateVolumeCapabilities(validate(UNKNOWN, WRITER).build()));
  }

  @Test
  void listsGoThroughAllBackends() {
    Volume first = create("pvc-1", Map.of());
    Volume second = create("pvc-2", Map.of("backend", "other"));

    var page = controller.listVolumes(ListVolumesRequest.newBuilder().setMaxEntries(1).build());
    assertThat(page.getEntriesList()).extracting(entry -> entry.getVolume()).containsExactly(first);
    var last =
        controller.listVolumes(
            ListVolumesRequest.newBuilder()
                .setMaxEntries(1)
                .setStartingToken(page.getNextToken())
                .build());
    assertThat(last.getEntriesList())
        .extracting(entry -> entry.getVolume())
        .containsExactly(second);
    assertThat(last.getNextToken()).isEmpty();
    assertCode(
        Code.ABORTED,
        "list from the start",
        () ->
            controller.listVolumes(
                ListVolumesRequest.newBuilder().setStartingToken("bogus").build()));
  }

  @Test
  void listsOfSnapshotsGoThroughAllBackends() {
    Volume volume = create("pvc-1", Map.of());
    Volume other = create("pvc-2", Map.of("backend", "other"));
    Snapshot last = snapshot("snapshot-1", other);
    List<Snapshot> here =
        Stream.of(snapshot("snapshot-2", volume), snapshot("snapshot-3", volume))
            .sorted(Comparator.comparing(Snapshot::getSnapshotId))
            .toList();
    assertThat(last.getSnapshotId()).startsWith("other-");

    var all = ListSnapshotsRequest.newBuilder();
    assertThat(listed(all)).containsExactly(here.get(0), here.get(1), last);
    assertThat(listed(all.clone().setSourceVolumeId(volume.getVolumeId()))).isEqualTo(here);
    assertThat(listed(all.clone().setSourceVolumeId(other.getVolumeId()))).containsExactly(last);
    assertThat(listed(all.clone().setSnapshotId(last.getSnapshotId()))).containsExactly(last);

    var page = snapshots(all.setMaxEntries(1));
    assertThat(listed(page)).containsExactly(here.get(0));
    page = snapshots(all.setStartingToken(page.getNextToken()));
    assertThat(listed(page)).containsExactly(here.get(1));
    delete(here.get(1)); // the next page begins after it all the same
    page = snapshots(all.setStartingToken(page.getNextToken()));
    assertThat(listed(page)).containsExactly(last);
    assertThat(page.getNextToken()).isEmpty();
    assertCode(
        Code.ABORTED,
        "list from the start",
        () -> snapshots(ListSnapshotsRequest.newBuilder().setStartingToken("bogus")));
  }

  @Test
  void aNameIsOneSnapshotsWhateverItsBackend() {
    Snapshot snapshot = snapshot("snapshot-1", create("pvc-1", Map.of("backend", "other")));
    Volume volume = create("pvc-2", Map.of());
    assertCode(Code.ALREADY_EXISTS, snapshot.getSnapshotId(), () -> snapshot("snapshot-1", volume));
  }

  @Test
  void oneVolumeAndItsHealthAreTold() {
    Volume volume = create("pvc-1", Map.of());
    var get = ControllerGetVolumeRequest.newBuilder().setVolumeId(volume.getVolumeId()).build();
    assertThat(controller.controllerGetVolume(get).getVolume()).isEqualTo(volume);
    var health =
        controller.controllerGetVolumeHealth(
            ControllerGetVolumeHealthRequest.newBuilder()
                .setVolumeId(volume.getVolumeId())
                .build());
    assertThat(health.getVolumeHealth().getVolumeId()).isEqualTo(volume.getVolumeId());
    assertThat(health.getVolumeHealth().getHealthStatusesList()).isEmpty();
    assertCode(
        Code.NOT_FOUND,
        UNKNOWN,
        () ->
            controller.controllerGetVolume(
                ControllerGetVolumeRequest.newBuilder().setVolumeId(UNKNOWN).build()));
  }

  @Test
  void anIllVolumeIsListedWithItsReason() {
    Volume volume = create("pvc-1", Map.of());
    redis.cli(number(volume), "SET", "usedSpace", Long.toString(GIB));
    var ill =
        controller.controllerListVolumeHealth(
            ControllerListVolumeHealthRequest.getDefaultInstance());
    assertThat(ill.getEntriesList())
        .singleElement()
        .satisfies(entry ->
            assertThat(entry.getHealthStatusesList())
                .extracting(status -> status.getReason())
                .containsExactly("CapacityExhausted"));
  }

  @Test
  void capacityIsThePoolWithoutWhatIsTaken() {
    create("pvc-1", Map.of());
    var answer = controller.getCapacity(GetCapacityRequest.getDefaultInstance());
    assertThat(answer.getAvailableCapacity()).isEqualTo(19 * GIB);
    assertThat(answer.getMaximumVolumeSize().getValue()).isEqualTo(19 * GIB);
    assertThat(
            controller
                .getCapacity(
                    GetCapacityRequest.newBuilder().putParameters("backend", "other").build())
                .getAvailableCapacity())
        .isEqualTo(20 * GIB);
  }

  @Test
  void capacityIsOfferedOnlyWithAPool() throws IOException {
    assertThat(capabilities(controller)).contains(RPC.Type.GET_CAPACITY);
    var poolless =
        InProcessServerBuilder.forName("poolless")
            .intercept(new StatusInterceptor())
            .addService(service(settings(Map.of())))
            .build()
            .start();
    var channelToIt = InProcessChannelBuilder.forName("poolless").build();
    var stub = ControllerGrpc.newBlockingStub(channelToIt);
    assertThat(capabilities(stub))
        .doesNotContain(RPC.Type.GET_CAPACITY)
        .contains(RPC.Type.CREATE_DELETE_VOLUME, RPC.Type.SINGLE_NODE_MULTI_WRITER);
    assertCode(
        Code.UNIMPLEMENTED,
        "POOL_SIZE",
        () -> stub.getCapacity(GetCapacityRequest.getDefaultInstance()));
    channelToIt.shutdownNow();
    poolless.shutdownNow();
  }

  private static List<RPC.Type> capabilities(ControllerGrpc.ControllerBlockingStub stub) {
    return stub
        .controllerGetCapabilities(ControllerGetCapabilitiesRequest.getDefaultInstance())
        .getCapabilitiesList()
        .stream()
        .map(capability -> capability.getRpc().getType())
        .toList();
  }

  private static Volume create(String name, Map<String, String> parameters) {
    return controller.createVolume(request(name, GIB, parameters)).getVolume();
  }

  private static CreateVolumeRequest request(
      String name, long bytes, Map<String, String> parameters) {
    return CreateVolumeRequest.newBuilder()
        .setName(name)
        .setCapacityRange(CapacityRange.newBuilder().setRequiredBytes(bytes))
        .addVolumeCapabilities(WRITER)
        .putParameters("credentials", "shared")
        .putAllParameters(parameters)
        .build();
  }

  /** In Redis. */
  private static int number(Volume volume) {
    return VolumeContext.from(volume.getVolumeContextMap()).number().value();
  }

  private static void delete(Volume volume) {
    assertThat(
            controller.deleteVolume(
                DeleteVolumeRequest.newBuilder().setVolumeId(volume.getVolumeId()).build()))
        .isNotNull();
  }

  private static Snapshot snapshot(String name, Volume source) {
    return controller
        .createSnapshot(
            CreateSnapshotRequest.newBuilder()
                .setName(name)
                .setSourceVolumeId(source.getVolumeId())
                .build())
        .getSnapshot();
  }

  private static ListSnapshotsResponse snapshots(ListSnapshotsRequest.Builder request) {
    return controller.listSnapshots(request.build());
  }

  private static List<Snapshot> listed(ListSnapshotsRequest.Builder request) {
    return listed(snapshots(request));
  }

  private static List<Snapshot> listed(ListSnapshotsResponse answer) {
    return answer.getEntriesList().stream().map(entry -> entry.getSnapshot()).toList();
  }

  private static void delete(Snapshot snapshot) {
    assertThat(
            controller.deleteSnapshot(
                DeleteSnapshotRequest.newBuilder().setSnapshotId(snapshot.getSnapshotId()).build()))
        .isNotNull();
  }

  private static ControllerExpandVolumeRequest expand(String id, long bytes) {
    return ControllerExpandVolumeRequest.newBuilder()
        .setVolumeId(id)
        .setCapacityRange(CapacityRange.newBuilder().setRequiredBytes(bytes))
        .build();
  }

  private static ValidateVolumeCapabilitiesRequest.Builder validate(
      String id, VolumeCapability capability) {
    return ValidateVolumeCapabilitiesRequest.newBuilder()
        .setVolumeId(id)
        .addVolumeCapabilities(capability);
  }

  private static VolumeCapability mount(Mode mode) {
    return VolumeCapability.newBuilder()
        .setMount(VolumeCapability.MountVolume.getDefaultInstance())
        .setAccessMode(VolumeCapability.AccessMode.newBuilder().setMode(mode))
        .build();
  }

  private static void assertCode(Code code, String message, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> {
              assertThat(e.getStatus().getCode()).isEqualTo(code);
              assertThat(e.getStatus().getDescription()).contains(message);
            });
  }
}
