package io.juicebox.test.badinput;

import static io.grpc.Status.Code.INVALID_ARGUMENT;
import static io.grpc.Status.Code.NOT_FOUND;
import static io.grpc.Status.Code.OK;

import io.juicebox.csi.spec.ControllerGrpc;
import io.juicebox.csi.spec.ValidateVolumeCapabilitiesRequest;
import io.juicebox.csi.spec.VolumeCapability.AccessMode.Mode;
import io.juicebox.test.client.Requests;
import java.util.List;
import java.util.function.Consumer;

/** Wrong calls of ValidateVolumeCapabilities. */
final class ValidateCases {
  private final Fixture fixture;
  private final Rpc rpc;
  private final CaseList cases = new CaseList();

  private ValidateCases(Fixture fixture) {
    this.fixture = fixture;
    this.rpc =
        new Rpc(
            fixture.stack().controller(),
            ControllerGrpc.getValidateVolumeCapabilitiesMethod(),
            r -> {
              var _ =
                  controller().validateVolumeCapabilities((ValidateVolumeCapabilitiesRequest) r);
            });
  }

  static List<Case> of(Fixture fixture) {
    var cases = new ValidateCases(fixture);
    cases.refused();
    cases.notConfirmed();
    return cases.cases.all();
  }

  private ControllerGrpc.ControllerBlockingStub controller() {
    return fixture.stack().controller().client().controller();
  }

  private void refused() {
    cases.addWrongIds(
        rpc,
        NOT_FOUND,
        "^volume \".* not exist",
        fixture.nobodies(),
        id -> validation(r -> r.setVolumeId(id)));
    cases.add(
        rpc,
        "volume_capabilities",
        "missing",
        INVALID_ARGUMENT,
        "^volume_capabilities is missing",
        validation(r -> r.clearVolumeCapabilities()));
  }

  /** The specification: OK, not confirmed, and the message says why. */
  private void notConfirmed() {
    notConfirmed(
        "volume_capabilities",
        "several nodes",
        "MULTI_NODE_MULTI_WRITER",
        r -> r.addVolumeCapabilities(Requests.capability(Mode.MULTI_NODE_MULTI_WRITER)));
    for (var flag : List.of("unknown", "ro", "writeback")) {
      notConfirmed(
          "mount_flags",
          flag,
          "mount_flags has .*" + flag,
          r -> {
            var capability = Requests.capability(Fixture.MODE).toBuilder();
            capability.getMountBuilder().addMountFlags(flag);
            r.addVolumeCapabilities(capability);
          });
    }
    for (var key : List.of("number", "uuid", "lineage")) {
      notConfirmed(
          "volume_context",
          "another " + key,
          "volume_context",
          r ->
              r.putAllVolumeContext(fixture.ready().getVolumeContextMap())
                  .putVolumeContext(key, fixture.published().getVolumeContextOrThrow(key)));
    }
    for (var key : List.of("unknown", "../x", "a\nb")) {
      notConfirmed(
          "parameters",
          "unknown key " + Shown.of(key),
          "parameters has the unknown key",
          r -> r.putParameters(key, "1"));
    }
  }

  private void notConfirmed(
      String field,
      String input,
      String message,
      Consumer<ValidateVolumeCapabilitiesRequest.Builder> change) {
    var request = validation(change);
    cases.add(
        new Case(
            rpc.name(),
            field,
            input,
            OK,
            "not confirmed: .*" + message,
            () -> {
              var answer = controller().validateVolumeCapabilities(request);
              return answer.hasConfirmed() ? "confirmed" : "not confirmed: " + answer.getMessage();
            }));
  }

  private ValidateVolumeCapabilitiesRequest validation(
      Consumer<ValidateVolumeCapabilitiesRequest.Builder> change) {
    var request =
        ValidateVolumeCapabilitiesRequest.newBuilder()
            .setVolumeId(fixture.ready().getVolumeId())
            .addVolumeCapabilities(Requests.capability(Fixture.MODE));
    change.accept(request);
    return request.build();
  }
}
