package io.juicebox.test.isolation;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.grpc.Status.Code;
import io.grpc.protobuf.ProtoServiceDescriptorSupplier;
import io.juicebox.csi.spec.ControllerGrpc;
import io.juicebox.csi.spec.CreateVolumeResponse;
import io.juicebox.csi.spec.DeleteVolumeRequest;
import io.juicebox.csi.spec.IdentityGrpc;
import io.juicebox.csi.spec.NodeGrpc;
import io.juicebox.csi.spec.NodePublishVolumeRequest;
import io.juicebox.csi.spec.NodeUnpublishVolumeRequest;
import io.juicebox.csi.spec.Volume;
import io.juicebox.csi.spec.VolumeCapability.AccessMode.Mode;
import io.juicebox.test.client.Requests;
import io.juicebox.test.stack.DriverProcess;
import io.juicebox.test.stack.Inventory;
import io.juicebox.test.stack.LocalStack;
import io.juicebox.test.stack.Rounds;
import io.juicebox.test.table.Outcome;
import io.juicebox.test.table.Table;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import net.jqwik.api.Tuple;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.jspecify.annotations.Nullable;

/**
 * Whatever is sent to the programs, they answer, live on, and leave nothing behind once the volumes
 * are deleted that some of it made.
 */
@Tag("isolation")
@Label("isolation: any request")
final class RandomRequestsTest {
  /** Beyond that of the longest wait for a backend that is away. */
  private static final Duration LONGEST = Duration.ofSeconds(12L * Rounds.LENIENCE);

  private static final Mode MODE = Mode.SINGLE_NODE_MULTI_WRITER;
  private static final Duration CLEAN = Duration.ofSeconds(60);

  /** What no request may be answered with, however wrong it is. */
  private static final Set<Code> NEVER =
      Set.of(Code.INTERNAL, Code.UNKNOWN, Code.DATA_LOSS, Code.CANCELLED, Code.DEADLINE_EXCEEDED);

  /** What follows the name of a call in the table whose request was made to be right. */
  private static final String RIGHT = ", right";

  private static final Map<String, Map<Code, Integer>> ANSWERS = new TreeMap<>();
  private static final List<DeleteVolumeRequest> CREATED = new ArrayList<>();
  private static final List<NodeUnpublishVolumeRequest> PUBLISHED = new ArrayList<>();

  @SuppressWarnings("NullAway.Init") // by start()
  private static LocalStack stack;

  @SuppressWarnings("NullAway.Init") // by start()
  private static Inventory before;

  @SuppressWarnings("NullAway.Init") // by start()
  private static AnyRequest requests;

  /**
   * A right request by the name of its call, one in ten of those that are sent: nothing that is
   * generated names their volumes and targets.
   */
  private static Map<String, Message> right = Map.of();

  @BeforeContainer
  static void start() {
    stack = LocalStack.builder().mountService().start();
    before = stack.inventory();
    var volumes = List.of(created("ready"), created("published"));
    var _ =
        stack
            .node()
            .client()
            .node()
            .nodePublishVolume(
                Requests.publish(volumes.getLast(), stack.target("a"), MODE, stack.secrets()));
    PUBLISHED.add(Requests.unpublish(volumes.getLast(), stack.target("a")));
    requests = new AnyRequest(volumes, stack.home().resolve("targets"), stack.backend().secrets());
    var used = created("used");
    var target = stack.target("right");
    right =
        Map.of(
            "CreateVolume", Requests.create("right", 64L << 20, MODE),
            "DeleteVolume", Requests.delete(created("deleted")),
            "NodePublishVolume", Requests.publish(used, target, MODE, stack.secrets()),
            "NodeUnpublishVolume", Requests.unpublish(used, target));
  }

  private static Volume created(String name) {
    var request = Requests.create(name, 64L << 20, MODE);
    var volume = stack.controller().client().controller().createVolume(request).getVolume();
    CREATED.add(Requests.delete(volume));
    return volume;
  }

  @AfterContainer
  static void end() {
    try (var _ = stack) {
      print();
      var node = stack.node().client().node();
      PUBLISHED.forEach(request -> {
        var _ = node.nodeUnpublishVolume(request);
      });
      var controller = stack.controller().client().controller();
      CREATED.forEach(request -> {
        var _ = controller.deleteVolume(request);
      });
      assertThat(stack.leftSince(before, CLEAN)).as("what the calls left").isEmpty();
      assertLive();
      right.keySet().forEach(RandomRequestsTest::assertReached);
    }
  }

  /** Else all that was sent may have been refused before anything was done. */
  private static void assertReached(String call) {
    assertThat(ANSWERS.get(call + RIGHT)).as(call + RIGHT).containsKey(Code.OK);
    var others = new TreeMap<>(ANSWERS.getOrDefault(call, Map.of()));
    others.remove(Code.INVALID_ARGUMENT);
    assertThat(others).as("%s, but for INVALID_ARGUMENT", call).isNotEmpty();
  }

  /** The very processes that were started: nothing here starts them again. */
  private static void assertLive() {
    for (var program : List.of(stack.controller(), stack.node(), stack.mountService())) {
      assertThat(program.program().isAlive()).as(program.name()).isTrue();
    }
  }

  private static void print() {
    var table = new Table("Any request: what came back", "call", "requests", "answers");
    ANSWERS.forEach((call, answers) ->
        table.add(
            call, answers.values().stream().mapToInt(Integer::intValue).sum(), answers.toString()));
    table.print(System.out);
  }

  /** Its requests have no fields but unknown ones. */
  @Property(tries = 500)
  void identity(@ForAll("toIdentity") Call call) {
    check(stack.node(), call);
    check(stack.controller(), call);
  }

  @Property
  void controller(@ForAll("toController") Call call) {
    check(stack.controller(), call);
  }

  @Property
  void node(@ForAll("toNode") Call call) {
    check(stack.node(), call);
  }

  @Provide
  Arbitrary<Call> toIdentity() {
    return calls(IdentityGrpc.getServiceDescriptor().getSchemaDescriptor());
  }

  @Provide
  Arbitrary<Call> toController() {
    return calls(ControllerGrpc.getServiceDescriptor().getSchemaDescriptor());
  }

  @Provide
  Arbitrary<Call> toNode() {
    return calls(NodeGrpc.getServiceDescriptor().getSchemaDescriptor());
  }

  private static Arbitrary<Call> calls(@Nullable Object schema) {
    var service = ((ProtoServiceDescriptorSupplier) Objects.requireNonNull(schema));
    List<Arbitrary<Call>> each =
        service.getServiceDescriptor().getMethods().stream()
            .map(RandomRequestsTest::calls)
            .toList();
    return Arbitraries.oneOf(each);
  }

  private static Arbitrary<Call> calls(MethodDescriptor method) {
    Arbitrary<Call> any =
        Combinators.combine(
                requests.of(method.getInputType()),
                Arbitraries.integers().between(0, 1 << 16).optional(0.05))
            .as((request, changed) -> new Call(method.getName(), method, request, changed));
    return Optional.ofNullable(right.get(method.getName()))
        .map(it -> new Call(method.getName() + RIGHT, method, it, Optional.empty()))
        .map(it -> Arbitraries.frequencyOf(Tuple.of(9, any), Tuple.of(1, Arbitraries.just(it))))
        .orElse(any);
  }

  private static void check(DriverProcess program, Call call) {
    String name = call.method().getService().getFullName() + "/" + call.method().getName();
    byte[] bytes = call.bytes();
    var outcome = Outcome.of(() -> program.client().call(name, bytes));
    ANSWERS
        .computeIfAbsent(call.name(), _ -> new TreeMap<>())
        .merge(outcome.code(), 1, Integer::sum);
    outcome.answer().ifPresent(answer -> remember(call.method().getName(), bytes, answer));
    assertLive();
    assertThat(outcome.code()).as(outcome.toString()).isNotIn(NEVER);
    assertThat(outcome.took()).isLessThan(LONGEST);
    if (outcome.code() == Code.UNAVAILABLE) {
      // A server that a request named or a backend, and not the connection to the program.
      assertThat(outcome.message()).contains("unavailable");
    }
  }

  /** What has to be undone at the end. */
  private static void remember(String method, byte[] request, byte[] answer) {
    try {
      switch (method) {
        case "CreateVolume" ->
            CREATED.add(Requests.delete(CreateVolumeResponse.parseFrom(answer).getVolume()));
        case "NodePublishVolume" -> {
          var publish = NodePublishVolumeRequest.parseFrom(request);
          PUBLISHED.add(
              NodeUnpublishVolumeRequest.newBuilder()
                  .setVolumeId(publish.getVolumeId())
                  .setTargetPath(publish.getTargetPath())
                  .build());
        }
        default -> {}
      }
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(
          method + " answered OK to bytes that are no message, or with some", e);
    }
  }

  /**
   * A call as it goes over the wire.
   *
   * @param name in the table
   * @param changed where a bit of the bytes is turned
   */
  record Call(String name, MethodDescriptor method, Message request, Optional<Integer> changed) {
    byte[] bytes() {
      byte[] bytes = request.toByteArray();
      changed
          .filter(_ -> bytes.length > 0)
          .ifPresent(at -> bytes[at % bytes.length] ^= (byte) (1 << (at & 7)));
      return bytes;
    }

    @Override
    public String toString() {
      return name + changed.map(at -> " changed at " + at).orElse("") + "\n" + request;
    }
  }
}
