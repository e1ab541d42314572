package io.juicebox.test.twice;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import io.grpc.Status.Code;
import io.juicebox.csi.ops.Steps;
import io.juicebox.node.mount.NodeStep;
import io.juicebox.node.publish.PublishStep;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

@Tag("twice")
@DisplayName("A node plugin that is killed")
final class NodeTornTest {
  private static final List<Steps.Step> STEPS =
      Stream.<Steps.Step>concat(Stream.of(PublishStep.values()), Stream.of(NodeStep.values()))
          .toList();

  private static Scene scene;
  private static Tearing tearing;

  @BeforeAll
  static void start() {
    scene = Scene.start();
    tearing =
        new Tearing(scene, scene.stack().node(), STEPS, Tearing.ROUNDS, NodeTornTest::operation);
  }

  @AfterAll
  static void everyStepWasTorn() {
    try (var _ = scene) {
      tearing.printHistogram("SIGKILL to the node plugin within a call", System.out);
      tearing.requireKills();
    }
  }

  @TestFactory
  @DisplayName("leaves nothing that the next calls do not repair")
  Stream<DynamicTest> kills() {
    return tearing.kills(List.of(STEPS));
  }

  private static Operation operation(String step) {
    return switch (step.substring(0, step.indexOf('.'))) {
      case "publish" -> new Publish();
      case "unpublish" -> new Unpublish();
      default -> throw new AssertionError("no operation has the step " + step);
    };
  }

  private record Publish() implements Operation {
    @Override
    public Subject prepare() {
      var subject = scene.subject();
      scene.bring(subject, State.READY);
      return subject;
    }

    @Override
    public Message call(Subject subject) {
      return subject.publish();
    }

    @Override
    public void recover(Subject subject, int round) {
      if (round % 2 == 0) {
        var _ = Scene.require(Code.OK, subject::publish);
        scene.requireState(subject, State.PUBLISHED);
        Content.write(subject);
        Content.require(subject);
      }
      var _ = Scene.require(Code.OK, subject::unpublish);
      requireOffTheNode(subject);
      scene.remove(subject);
    }
  }

  private record Unpublish() implements Operation {
    @Override
    public Subject prepare() {
      var subject = scene.subject();
      scene.bring(subject, State.PUBLISHED);
      Content.write(subject);
      return subject;
    }

    @Override
    public Message call(Subject subject) {
      return subject.unpublish();
    }

    @Override
    public void recover(Subject subject, int round) {
      if (round % 2 == 0) {
        var _ = Scene.require(Code.OK, subject::unpublish);
        requireOffTheNode(subject);
      }
      var _ = Scene.require(Code.OK, subject::publish);
      Content.require(subject);
      var _ = Scene.require(Code.OK, subject::unpublish);
      requireOffTheNode(subject);
      scene.remove(subject);
    }
  }

  /** Its mounts, processes, files and directories are gone; its keys and objects are there. */
  private static void requireOffTheNode(Subject subject) {
    var shape = scene.shape(subject);
    var kinds =
        shape.stream()
            .map(thing -> thing.substring(0, thing.indexOf(' ')))
            .collect(Collectors.toSet());
    assertThat(kinds)
        .as("kinds of what exists of volume %s: %s", subject.id(), shape)
        .isEqualTo(
            Set.of(
                "record", "name", "listed", "number", "key", "object", "user", "account", "file"));
  }
}
