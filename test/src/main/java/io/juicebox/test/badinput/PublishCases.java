package io.juicebox.test.badinput;

import static io.grpc.Status.Code.ALREADY_EXISTS;
import static io.grpc.Status.Code.FAILED_PRECONDITION;
import static io.grpc.Status.Code.INVALID_ARGUMENT;
import static io.grpc.Status.Code.NOT_FOUND;
import static io.grpc.Status.Code.UNAUTHENTICATED;
import static io.grpc.Status.Code.UNAVAILABLE;

import io.grpc.Status.Code;
import io.juicebox.csi.spec.NodeGrpc;
import io.juicebox.csi.spec.NodePublishVolumeRequest;
import io.juicebox.csi.spec.Volume;
import io.juicebox.csi.spec.VolumeCapability;
import io.juicebox.csi.spec.VolumeCapability.AccessMode.Mode;
import io.juicebox.test.client.Requests;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;

/** Wrong capabilities, contexts and secrets in NodePublishVolume, and second publications. */
final class PublishCases {
  private static final String RPC = "NodePublishVolume";

  private final Fixture fixture;
  private final List<Case> cases = new ArrayList<>();

  private PublishCases(Fixture fixture) {
    this.fixture = fixture;
  }

  static List<Case> of(Fixture fixture) {
    var cases = new PublishCases(fixture);
    cases.capabilities();
    cases.mountFlags();
    cases.contexts();
    cases.malformedSecrets();
    cases.wrongKeys();
    cases.publishedOtherwise();
    return cases.cases;
  }

  private void capabilities() {
    add(
        "volume_capability",
        "missing",
        INVALID_ARGUMENT,
        "^volume_capability is ",
        r -> r.clearVolumeCapability());
    capability("access_type", "missing", VolumeCapability.Builder::clearMount);
    capability("access_mode", "missing", c -> c.clearAccessMode());
    capability("access_mode", "UNKNOWN", c -> c.getAccessModeBuilder().setMode(Mode.UNKNOWN));
    capability("access_mode", "99", c -> c.getAccessModeBuilder().setModeValue(99));
    capability(
        "block", "asked for", c -> c.setBlock(VolumeCapability.BlockVolume.getDefaultInstance()));
    for (var type : List.of("ext4", "../juicefs", "juicefs\n", "juicefs\0", "x".repeat(129))) {
      capability("fs_type", Shown.of(type), c -> c.getMountBuilder().setFsType(type));
    }
    for (var group :
        List.of(
            "-1",
            "01",
            "+5",
            " 5",
            "5\n",
            "staff",
            "2000,2001",
            "0x7d0",
            "1e3",
            "٣",
            "4294967295")) {
      capability(
          "volume_mount_group",
          Shown.of(group),
          c -> c.getMountBuilder().setVolumeMountGroup(group));
    }
    capability(
        "volume_mount_group",
        "60000 digits",
        c -> c.getMountBuilder().setVolumeMountGroup("1".repeat(60_000)));
  }

  private void mountFlags() {
    for (var flag :
        List.of(
            "allow_other",
            "max-deletes=10",
            "",
            "../x",
            "noatime\nsuid",
            "noatime\0",
            "--writeback",
            "noatime,foo")) {
      flag(flag, "mount_flags has the unknown option");
    }
    for (var flag : List.of("open-cache=abc", "open-cache", "open-cache=1 --writeback")) {
      flag(flag, "mount_flags has .*a value that it does not take");
    }
    flag("ro", "mount_flags has ro");
    flag("writeback", "mount_flags has writeback.*allowWriteback");
    for (int bytes : new int[] {4097, 5000, 60_000}) {
      capability(
          "mount_flags",
          bytes + " bytes",
          c -> c.getMountBuilder().addMountFlags("x".repeat(bytes)));
    }
  }

  private void contexts() {
    add(
        "volume_context",
        "missing",
        INVALID_ARGUMENT,
        "^volume_context.number is missing",
        r -> r.clearVolumeContext());
    for (var key : List.of("number", "lineage", "uuid", "bucket", "cacheClass")) {
      add(
          "volume_context",
          "without " + key,
          INVALID_ARGUMENT,
          "^volume_context." + key + " is missing",
          r -> r.removeVolumeContext(key));
    }
    for (var number : List.of("0", "1", "-1", "two", "9223372036854775807", "2\n", "2\0")) {
      context("number", number, INVALID_ARGUMENT, "^volume_context.number is ");
    }
    for (var lineage : List.of("../x", "a\nb", "a\0b", "UPPER", "x".repeat(64))) {
      context("lineage", lineage, INVALID_ARGUMENT, "^volume_context.lineage is ");
    }
    for (var uuid : List.of("../x", "a\nb", "0".repeat(36), UUID.randomUUID() + "0")) {
      context("uuid", uuid, INVALID_ARGUMENT, "^volume_context.uuid is ");
    }
    for (var bucket : List.of("../x", "a\nb", "a\0b", "B", "x".repeat(64))) {
      context("bucket", bucket, INVALID_ARGUMENT, "^volume_context.bucket is ");
    }
    for (var directory : List.of("cache", "/a/../../etc", "/a\nb", "/a\0b")) {
      context("cacheDir", directory, INVALID_ARGUMENT, "^volume_context.cacheDir is ");
    }
    context("cacheClass", "fast", INVALID_ARGUMENT, "^volume_context.cacheClass is ");
    for (var key : List.of("unknown", "../x", "a\nb")) {
      context(key, "1", INVALID_ARGUMENT, "^volume_context has the unknown key");
    }
    for (int bytes : new int[] {4097, 5000, 60_000}) {
      context(
          "csi.storage.k8s.io/pod.name",
          "x".repeat(bytes),
          INVALID_ARGUMENT,
          "^volume_context .*4096");
    }
    // Well-formed, and of no volume or another one.
    context("number", "4000", NOT_FOUND, "number 4000 .*is empty");
    context(
        "number",
        fixture.published().getVolumeContextOrThrow("number"),
        NOT_FOUND,
        "holds another volume");
    context("uuid", UUID.randomUUID().toString(), NOT_FOUND, "holds another volume");
    context("bucket", "no-such-bucket", FAILED_PRECONDITION, "bucket no-such-bucket is missing");
  }

  private void malformedSecrets() {
    for (var key : fixture.stack().backend().secrets().keySet()) {
      add(
          "secrets",
          "without " + key,
          INVALID_ARGUMENT,
          "^secrets." + key + " is missing",
          r -> r.removeSecrets(key));
      secret(key, "a\nb", "^secrets." + key + " is no ");
      secret(key, "a\0b", "^secrets." + key + " is no ");
    }
    add("secrets", "missing", INVALID_ARGUMENT, "^secrets.* is missing", r -> r.clearSecrets());
    for (var address :
        List.of(
            "localhost",
            "http://127.0.0.1:6379",
            "redis://u:p@127.0.0.1:1",
            "redis://127.0.0.1:1/../2",
            "redis://127.0.0.1:1/2?x=y")) {
      secret("redis-address", address, "^secrets.redis-address is no address");
    }
    for (var endpoint :
        List.of(
            "localhost",
            "ftp://127.0.0.1:1",
            "http://u:p@127.0.0.1:1",
            "http://127.0.0.1:1/../x")) {
      secret("object-endpoint", endpoint, "^secrets.object-endpoint is no address");
    }
    secret("redis-user", "../x", "^secrets.redis-user is no name");
    secret("object-region", "../x", "^secrets.object-region is no name");
    for (var key : List.of("unknown", "../x", "a\nb")) {
      secret(key, "1", "^secrets has the unknown key .*valid are: .*redis-address");
    }
    for (int bytes : new int[] {4097, 5000, 60_000}) {
      secret("redis-password", "x".repeat(bytes), "^secrets.redis-password is no line");
      secret("redis-ca", "x".repeat(bytes), "^secrets.redis-ca ");
    }
    secret("redis-password", "x".repeat(300_000), "^secrets .*262144");
  }

  private void wrongKeys() {
    for (var password : List.of("wrong", "", "x".repeat(1000))) {
      key("redis-password", password, UNAUTHENTICATED, "^Redis at .*refused the credentials");
    }
    key("redis-user", "nobody", UNAUTHENTICATED, "^Redis at .*refused the credentials");
    for (var value : List.of("wrong", "x".repeat(20), "root")) {
      key("object-access-key", value, UNAUTHENTICATED, "^the object store at .*refused the cred");
      key("object-secret-key", value, UNAUTHENTICATED, "^the object store at .*refused the cred");
    }
    key("redis-address", "redis://127.0.0.1:1", UNAVAILABLE, "^Redis at 127.0.0.1:1 is unavail");
    key(
        "object-endpoint",
        "http://127.0.0.1:1",
        UNAVAILABLE,
        "^the object store at 127.0.0.1:1 is unavail");
    // A retry of what is published proves the keys again.
    add(
        "secrets",
        "wrong redis-password on a retry",
        UNAUTHENTICATED,
        "^Redis at ",
        again(r -> r.putSecrets("redis-password", "wrong")));
    add(
        "secrets",
        "wrong object-secret-key on a retry",
        UNAUTHENTICATED,
        "^the object store at ",
        again(r -> r.putSecrets("object-secret-key", "wrong")));
  }

  private void publishedOtherwise() {
    add(
        "readonly",
        "published writable",
        ALREADY_EXISTS,
        "already published .*readonly",
        again(r -> r.setReadonly(true)));
    for (var mode :
        List.of(
            Mode.SINGLE_NODE_WRITER,
            Mode.SINGLE_NODE_SINGLE_WRITER,
            Mode.MULTI_NODE_MULTI_WRITER,
            Mode.SINGLE_NODE_READER_ONLY)) {
      add(
          "access_mode",
          mode + ", published with another",
          ALREADY_EXISTS,
          "already published .*access mode",
          again(r -> r.setVolumeCapability(Requests.capability(mode))));
    }
    add(
        "mount_flags",
        "published with others",
        ALREADY_EXISTS,
        "already published .*mount flags",
        again(r -> r.getVolumeCapabilityBuilder().getMountBuilder().addMountFlags("noexec")));
    add(
        "volume_mount_group",
        "published without one",
        ALREADY_EXISTS,
        "already published .*volume_mount_group none, not 2000",
        again(r -> r.getVolumeCapabilityBuilder().getMountBuilder().setVolumeMountGroup("2000")));
    for (var mode :
        List.of(
            Mode.SINGLE_NODE_WRITER,
            Mode.SINGLE_NODE_SINGLE_WRITER,
            Mode.SINGLE_NODE_READER_ONLY)) {
      add(
          "access_mode",
          mode + ", published at another target",
          FAILED_PRECONDITION,
          "published at .*allows one target",
          again(r ->
              r.setTargetPath(fixture.target("free").toString())
                  .setVolumeCapability(Requests.capability(mode))));
    }
  }

  private void flag(String flag, String message) {
    add(
        "mount_flags",
        Shown.of(flag),
        INVALID_ARGUMENT,
        message,
        r -> r.getVolumeCapabilityBuilder().getMountBuilder().addMountFlags(flag));
  }

  private void capability(String field, String input, Consumer<VolumeCapability.Builder> change) {
    add(
        field,
        input,
        INVALID_ARGUMENT,
        "^volume_capability.*" + field,
        r -> change.accept(r.getVolumeCapabilityBuilder()));
  }

  private void context(String key, String value, Code code, String message) {
    add(
        "volume_context",
        key + " " + Shown.of(value),
        code,
        message,
        r -> r.putVolumeContext(key, value));
  }

  private void secret(String key, String value, String message) {
    add(
        "secrets",
        key + " " + Shown.of(value),
        INVALID_ARGUMENT,
        message,
        r -> r.putSecrets(key, value));
  }

  private void key(String key, String value, Code code, String message) {
    add(
        "secrets",
        "wrong " + key + " " + Shown.of(value),
        code,
        message,
        r -> r.putSecrets(key, value));
  }

  /** The publication that is there, asked for once more. */
  private Consumer<NodePublishVolumeRequest.Builder> again(
      Consumer<NodePublishVolumeRequest.Builder> change) {
    return r -> {
      r.clear().mergeFrom(request(fixture.published(), "published"));
      change.accept(r);
    };
  }

  private void add(
      String field,
      String input,
      Code code,
      String message,
      Consumer<NodePublishVolumeRequest.Builder> change) {
    var request = request(fixture.ready(), "free").toBuilder();
    change.accept(request);
    var whole = request.build();
    cases.add(
        new Case(
            RPC,
            field,
            input,
            code,
            message,
            () -> {
              NodeGrpc.NodeBlockingStub node = fixture.stack().node().client().node();
              var _ = node.nodePublishVolume(whole);
              return "";
            }));
  }

  private NodePublishVolumeRequest request(Volume volume, String target) {
    return Requests.publish(
        volume, fixture.target(target), Fixture.MODE, fixture.stack().backend().secrets());
  }
}
