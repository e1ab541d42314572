package io.juicebox.test.twice;

import com.google.protobuf.Message;
import io.juicebox.csi.spec.VolumeCapability.AccessMode.Mode;

/** The calls of the table. */
enum Rpc {
  CREATE("CreateVolume"),
  DELETE("DeleteVolume"),
  EXPAND("ControllerExpandVolume"),
  GET("ControllerGetVolume"),
  VALIDATE("ValidateVolumeCapabilities"),
  PUBLISH("NodePublishVolume"),
  UNPUBLISH("NodeUnpublishVolume"),
  STATS("NodeGetVolumeStats"),
  SNAPSHOT("CreateSnapshot"),
  FORGET("DeleteSnapshot"),
  LOOK("GetSnapshot"),
  COPY("CreateVolume from the volume"),
  RESTORE("CreateVolume from the snapshot");

  private final String words;

  Rpc(String words) {
    this.words = words;
  }

  /**
   * Makes the call.
   *
   * @param index which of several calls it is
   */
  Message call(Subject subject, Arguments arguments, int index) {
    return switch (this) {
      case CREATE -> subject.create(bytes(arguments, index));
      case DELETE -> subject.delete();
      case EXPAND ->
          subject.expand(
              Subject.BYTES + (arguments == Arguments.OTHER ? (index + 1) * Subject.MIB : 0));
      case GET -> subject.get();
      case VALIDATE -> subject.validate();
      case PUBLISH -> publish(subject, arguments, index);
      case UNPUBLISH ->
          arguments == Arguments.ELSEWHERE
              ? subject.unpublish(subject.target(index))
              : subject.unpublish();
      case STATS -> subject.stats();
      case SNAPSHOT -> says(arguments, index) ? subject.snapshotOfAnother() : subject.snapshot();
      case FORGET -> subject.deleteSnapshot();
      case LOOK -> subject.getSnapshot();
      case COPY -> subject.copy(bytes(arguments, index));
      case RESTORE -> subject.restore(bytes(arguments, index));
    };
  }

  private static long bytes(Arguments arguments, int index) {
    return Subject.BYTES * (says(arguments, index) ? 2 : 1);
  }

  private static Message publish(Subject subject, Arguments arguments, int index) {
    return switch (arguments) {
      case SAME -> subject.publish();
      case OTHER ->
          subject.publish(
              subject.target(),
              Subject.MODE,
              request -> request.setReadonly(says(arguments, index)));
      case ELSEWHERE -> subject.publish(subject.target(index), Subject.MODE, request -> request);
      case ALONE ->
          subject.publish(
              subject.target(index), Mode.SINGLE_NODE_SINGLE_WRITER, request -> request);
    };
  }

  /** Whether this call is one of those that say something else. */
  private static boolean says(Arguments arguments, int index) {
    return arguments == Arguments.OTHER && index % 2 == 1;
  }

  @Override
  public String toString() {
    return words;
  }
}
