package io.juicebox.test.badinput;

import static io.grpc.Status.Code.INVALID_ARGUMENT;
import static io.grpc.Status.Code.OK;
import static io.grpc.Status.Code.OUT_OF_RANGE;

import io.grpc.Status.Code;
import io.juicebox.csi.spec.ControllerGrpc;
import io.juicebox.csi.spec.CreateVolumeRequest;
import io.juicebox.csi.spec.VolumeCapability;
import io.juicebox.csi.spec.VolumeCapability.AccessMode.Mode;
import io.juicebox.test.client.Requests;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Wrong CreateVolume calls. */
final class CreateCases {
  private static final long MIB = 1L << 20;

  /** The parameters of a StorageClass, each with values that it does not take. */
  private static final Map<String, List<String>> WRONG_VALUES =
      Map.ofEntries(
          Map.entry("backend", List.of("", "other", "../default", "a\nb", "x".repeat(21))),
          Map.entry("bucketMode", List.of("", "Shared", "own")),
          Map.entry("credentials", List.of("", "none", "shared\n", "per-volume")),
          Map.entry("compression", List.of("", "gzip", "LZ4")),
          Map.entry("blockSize", List.of("0", "-1", "3Mi", "32Mi", "4Mi ", "lots")),
          Map.entry("trashDays", List.of("-1", "1.5", "366")),
          Map.entry("inodes", List.of("0", "-1", "many", "9223372036854775807")),
          Map.entry("uid", List.of("-1", "root", "4294967296")),
          Map.entry("gid", List.of("-1", "root", "4294967296")),
          Map.entry("mode", List.of("999", "rwx", "-0777", "07777777")),
          Map.entry("cacheSize", List.of("-1", "1 GiB", "9223372036854775808")),
          Map.entry("cacheDir", List.of("", "cache", "/a/../../etc", "/a\nb", "/a\0b", "/a:/b")),
          Map.entry("bufferSize", List.of("0", "-64Mi", "much")),
          Map.entry("cacheMode", List.of("", "lax", "STRICT")),
          Map.entry("memoryLimit", List.of("0", "1Ki", "-1")),
          Map.entry("uploadLimit", List.of("0", "-1", "fast")),
          Map.entry("downloadLimit", List.of("0", "-1", "fast")),
          Map.entry("allowWriteback", List.of("", "yes", "TRUE")));

  private final Fixture fixture;
  private final Rpc rpc;
  private final CaseList cases = new CaseList();

  private CreateCases(Fixture fixture) {
    this.fixture = fixture;
    this.rpc =
        new Rpc(
            fixture.stack().controller(),
            ControllerGrpc.getCreateVolumeMethod(),
            r -> create((CreateVolumeRequest) r));
  }

  static List<Case> of(Fixture fixture) {
    var cases = new CreateCases(fixture);
    cases.names();
    cases.capacities();
    cases.capabilities();
    cases.mountFlags();
    cases.parameters();
    cases.whatIsNotOffered();
    return cases.cases.all();
  }

  private void names() {
    add("name", "missing", INVALID_ARGUMENT, "^name is missing", r -> r.clearName());
    for (var text : Text.overLong()) {
      add("name", text.words(), INVALID_ARGUMENT, "^name .*128", r -> r.setName(text.value()));
    }
    for (var text : Text.nuls()) {
      add("name", text.words(), INVALID_ARGUMENT, "^name .*contr", r -> r.setName(text.value()));
    }
    // The specification allows these in a name; they must not become part of a path or a key.
    for (var texts : List.of(Text.newlines(), Text.waysUp())) {
      for (var text : texts) {
        add("name", text.words() + ", allowed", OK, "", r -> r.setName(text.value()));
      }
    }
    wrongUtf8("name", r -> r.setName(Text.PLACE_OF_BYTES));
    wrongUtf8("parameters", r -> r.putParameters("compression", Text.PLACE_OF_BYTES));
    wrongUtf8(
        "volume_capabilities", r -> r.addVolumeCapabilities(flags(Text.PLACE_OF_BYTES).build()));
  }

  private void capacities() {
    for (long bytes : new long[] {-1, -4096, Long.MIN_VALUE}) {
      add(
          "capacity_range",
          "required " + bytes,
          INVALID_ARGUMENT,
          "required_bytes is negative",
          range(bytes, 0));
      add(
          "capacity_range",
          "limit " + bytes,
          INVALID_ARGUMENT,
          "limit_bytes is negative",
          range(0, bytes));
    }
    for (long[] range :
        new long[][] {{2 * MIB, MIB}, {4097, 4096}, {Long.MAX_VALUE, Long.MAX_VALUE - 1}}) {
      add(
          "capacity_range",
          "limit %2$d below required %1$d".formatted(range[0], range[1]),
          INVALID_ARGUMENT,
          "limit_bytes .*below required_bytes",
          range(range[0], range[1]));
    }
    for (long bytes : new long[] {Long.MAX_VALUE, Long.MAX_VALUE - 4096, (1L << 60) + 1}) {
      add(
          "capacity_range",
          "required " + bytes,
          OUT_OF_RANGE,
          "required_bytes.* more than",
          range(bytes, 0));
    }
    for (long bytes : new long[] {1, 4096, MIB - 1}) {
      add(
          "capacity_range",
          "limit " + bytes,
          OUT_OF_RANGE,
          "limit_bytes.*no volume fits",
          range(0, bytes));
    }
    add(
        "capacity_range",
        "between two multiples of 4096",
        OUT_OF_RANGE,
        "limit_bytes.*no volume fits",
        range(2 * MIB + 1, 2 * MIB + 2));
    // 0 stands for "not given": the default capacity, whatever else is said.
    add("capacity_range", "0 and 0, the default", OK, "^capacity 10737418240$", range(0, 0));
    add(
        "capacity_range",
        "missing, the default",
        OK,
        "^capacity 10737418240$",
        r -> r.clearCapacityRange());
    add("capacity_range", "required 0 limit 1 MiB", OK, "^capacity 1048576$", range(0, MIB));
  }

  private void capabilities() {
    add(
        "volume_capabilities",
        "missing",
        INVALID_ARGUMENT,
        "^volume_capabilities is missing",
        r -> r.clearVolumeCapabilities());
    capability("access_type", "missing", VolumeCapability.Builder::clearMount);
    capability("access_mode", "missing", c -> c.clearAccessMode());
    capability("access_mode", "UNKNOWN", c -> c.getAccessModeBuilder().setMode(Mode.UNKNOWN));
    capability("access_mode", "99", c -> c.getAccessModeBuilder().setModeValue(99));
    capability("access_mode", "-1", c -> c.getAccessModeBuilder().setModeValue(-1));
    capability(
        "block", "asked for", c -> c.setBlock(VolumeCapability.BlockVolume.getDefaultInstance()));
    for (var type : List.of("ext4", "../juicefs", "juicefs\n", "juicefs\0")) {
      capability("fs_type", shown(type), c -> c.getMountBuilder().setFsType(type));
    }
    for (var text : Text.overLong()) {
      capability("fs_type", text.words(), c -> c.getMountBuilder().setFsType(text.value()));
    }
    capability("volume_mount_group", "1000", c -> c.getMountBuilder().setVolumeMountGroup("1000"));
    add(
        "cacheMode",
        "exclusive for several nodes",
        INVALID_ARGUMENT,
        "^parameters.cacheMode is exclusive",
        r ->
            r.putParameters("cacheMode", "exclusive")
                .addVolumeCapabilities(Requests.capability(Mode.MULTI_NODE_MULTI_WRITER)));
  }

  private void mountFlags() {
    for (var flag :
        List.of(
            "allow_other",
            "max-deletes=10",
            "subdir=/x",
            "",
            "../x",
            "noatime\nsuid",
            "noatime\0",
            "-o",
            "--writeback",
            "noatime,foo")) {
      flag(flag, "mount_flags has the unknown option");
    }
    for (var flag :
        List.of(
            "open-cache=abc",
            "open-cache",
            "readdir-cache=1",
            "max-uploads=-1",
            "open-cache=1 --writeback")) {
      flag(flag, "mount_flags has .*a value that it does not take");
    }
    flag("open-cache=1,open-cache=2", "mount_flags has open-cache with two values");
    flag("ro", "mount_flags has ro");
    flag("writeback", "mount_flags has writeback.*allowWriteback");
    for (int bytes : new int[] {4097, 5000, 60_000}) {
      add(
          "mount_flags",
          bytes + " bytes",
          INVALID_ARGUMENT,
          "mount_flags .*4096",
          r -> r.addVolumeCapabilities(flags("x".repeat(bytes))));
    }
  }

  private void parameters() {
    for (var key : List.of("blocksize", "../backend", "a\nb", "a\0b", "")) {
      add(
          "parameters",
          "unknown key " + shown(key),
          INVALID_ARGUMENT,
          "^parameters has the unknown key .*valid are: .*blockSize",
          r -> r.putParameters(key, "1"));
    }
    WRONG_VALUES.forEach((key, values) ->
        values.forEach(value ->
            add(
                "parameters",
                key + " " + shown(value),
                INVALID_ARGUMENT,
                "^parameters." + key + " ",
                r -> r.putParameters(key, value))));
    for (int bytes : new int[] {4097, 5000, 60_000}) {
      add(
          "parameters",
          bytes + " bytes",
          INVALID_ARGUMENT,
          "^parameters .*4096",
          r -> r.putParameters("csi.storage.k8s.io/pvc/name", "x".repeat(bytes)));
    }
  }

  private void whatIsNotOffered() {
    for (var key : List.of("inodes", "unknown", "../x")) {
      add(
          "mutable_parameters",
          shown(key),
          INVALID_ARGUMENT,
          "^mutable_parameters",
          r -> r.putMutableParams(key, "1"));
    }
  }

  private void flag(String flag, String message) {
    add(
        "mount_flags",
        shown(flag),
        INVALID_ARGUMENT,
        message,
        r -> r.addVolumeCapabilities(flags(flag)));
  }

  private static VolumeCapability.Builder flags(String flag) {
    var capability = Requests.capability(Fixture.MODE).toBuilder();
    capability.getMountBuilder().addMountFlags(flag);
    return capability;
  }

  private void capability(String field, String input, Consumer<VolumeCapability.Builder> change) {
    add(
        field,
        input,
        INVALID_ARGUMENT,
        "^volume_capabilit.*" + field,
        r -> {
          var capability = Requests.capability(Fixture.MODE).toBuilder();
          change.accept(capability);
          r.addVolumeCapabilities(capability);
        });
  }

  private static Consumer<CreateVolumeRequest.Builder> range(long required, long limit) {
    return r -> r.getCapacityRangeBuilder().setRequiredBytes(required).setLimitBytes(limit);
  }

  private static String shown(String text) {
    return Shown.of(text);
  }

  private void add(
      String field,
      String input,
      Code code,
      String message,
      Consumer<CreateVolumeRequest.Builder> change) {
    cases.add(new Case(rpc.name(), field, input, code, message, () -> create(request(change))));
  }

  private void wrongUtf8(String field, Consumer<CreateVolumeRequest.Builder> change) {
    cases.addWrongUtf8(rpc, field, request(change));
  }

  private static CreateVolumeRequest request(Consumer<CreateVolumeRequest.Builder> change) {
    var request = Requests.create("bad", Fixture.BYTES, Fixture.MODE).toBuilder();
    change.accept(request);
    return request.build();
  }

  /** A volume that was made nevertheless is deleted at once. */
  private String create(CreateVolumeRequest request) {
    var controller = fixture.stack().controller().client().controller();
    var volume = controller.createVolume(request).getVolume();
    var _ = controller.deleteVolume(Requests.delete(volume));
    return "capacity " + volume.getCapacityBytes();
  }
}
