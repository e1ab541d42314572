package io.juicebox.test.twice;

import static io.grpc.Status.Code.ABORTED;
import static io.grpc.Status.Code.ALREADY_EXISTS;
import static io.grpc.Status.Code.FAILED_PRECONDITION;
import static io.grpc.Status.Code.NOT_FOUND;
import static io.grpc.Status.Code.OK;
import static io.grpc.Status.Code.UNAUTHENTICATED;
import static io.juicebox.test.twice.Arguments.ALONE;
import static io.juicebox.test.twice.Arguments.ELSEWHERE;
import static io.juicebox.test.twice.Arguments.OTHER;
import static io.juicebox.test.twice.Arguments.SAME;
import static io.juicebox.test.twice.Rpc.COPY;
import static io.juicebox.test.twice.Rpc.CREATE;
import static io.juicebox.test.twice.Rpc.DELETE;
import static io.juicebox.test.twice.Rpc.EXPAND;
import static io.juicebox.test.twice.Rpc.FORGET;
import static io.juicebox.test.twice.Rpc.GET;
import static io.juicebox.test.twice.Rpc.LOOK;
import static io.juicebox.test.twice.Rpc.PUBLISH;
import static io.juicebox.test.twice.Rpc.RESTORE;
import static io.juicebox.test.twice.Rpc.SNAPSHOT;
import static io.juicebox.test.twice.Rpc.STATS;
import static io.juicebox.test.twice.Rpc.UNPUBLISH;
import static io.juicebox.test.twice.Rpc.VALIDATE;
import static io.juicebox.test.twice.State.ABSENT;
import static io.juicebox.test.twice.State.COPIED;
import static io.juicebox.test.twice.State.COPYING;
import static io.juicebox.test.twice.State.CREATING;
import static io.juicebox.test.twice.State.DELETING;
import static io.juicebox.test.twice.State.FORGETTING;
import static io.juicebox.test.twice.State.KEEPING;
import static io.juicebox.test.twice.State.KEPT;
import static io.juicebox.test.twice.State.OUTLIVED;
import static io.juicebox.test.twice.State.PUBLISHED;
import static io.juicebox.test.twice.State.READY;
import static io.juicebox.test.twice.State.RESTORED;
import static io.juicebox.test.twice.State.RESTORING;

import io.grpc.Status.Code;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * What is allowed when a call meets a state.
 *
 * @param first the code of the first of two calls in turn; of calls at once, at least one has it
 * @param second the code of the second
 * @param atOnce the codes of calls at once
 * @param end the state after all calls
 */
record Row(
    Rpc rpc,
    State state,
    Arguments arguments,
    Code first,
    Code second,
    Set<Code> atOnce,
    State end) {

  static final List<Row> ALL =
      List.of(
          row(CREATE, ABSENT, SAME, OK, OK, READY),
          row(CREATE, ABSENT, OTHER, OK, ALREADY_EXISTS, READY),
          row(DELETE, ABSENT, SAME, OK, OK, ABSENT),
          row(EXPAND, ABSENT, SAME, NOT_FOUND, NOT_FOUND, ABSENT),
          row(GET, ABSENT, SAME, NOT_FOUND, NOT_FOUND, ABSENT),
          row(VALIDATE, ABSENT, SAME, NOT_FOUND, NOT_FOUND, ABSENT),
          row(PUBLISH, ABSENT, SAME, NOT_FOUND, NOT_FOUND, ABSENT),
          row(UNPUBLISH, ABSENT, SAME, OK, OK, ABSENT),
          row(STATS, ABSENT, SAME, NOT_FOUND, NOT_FOUND, ABSENT),
          //
          row(CREATE, CREATING, SAME, ABORTED, ABORTED, CREATING),
          row(CREATE, CREATING, OTHER, ABORTED, ALREADY_EXISTS, CREATING),
          row(DELETE, CREATING, SAME, ABORTED, ABORTED, CREATING),
          row(EXPAND, CREATING, SAME, ABORTED, ABORTED, CREATING),
          row(GET, CREATING, SAME, NOT_FOUND, NOT_FOUND, CREATING),
          row(VALIDATE, CREATING, SAME, NOT_FOUND, NOT_FOUND, CREATING),
          row(PUBLISH, CREATING, SAME, NOT_FOUND, NOT_FOUND, CREATING),
          row(UNPUBLISH, CREATING, SAME, OK, OK, CREATING),
          row(STATS, CREATING, SAME, NOT_FOUND, NOT_FOUND, CREATING),
          //
          row(CREATE, READY, SAME, OK, OK, READY),
          row(CREATE, READY, OTHER, OK, ALREADY_EXISTS, READY),
          row(DELETE, READY, SAME, OK, OK, ABSENT),
          row(EXPAND, READY, SAME, OK, OK, READY),
          row(EXPAND, READY, OTHER, OK, OK, READY),
          row(GET, READY, SAME, OK, OK, READY),
          row(VALIDATE, READY, SAME, OK, OK, READY),
          row(PUBLISH, READY, SAME, OK, OK, PUBLISHED),
          row(PUBLISH, READY, OTHER, OK, ALREADY_EXISTS, PUBLISHED),
          row(PUBLISH, READY, ELSEWHERE, OK, OK, PUBLISHED),
          row(PUBLISH, READY, ALONE, OK, FAILED_PRECONDITION, PUBLISHED),
          row(UNPUBLISH, READY, SAME, OK, OK, READY),
          row(STATS, READY, SAME, NOT_FOUND, NOT_FOUND, READY),
          //
          row(CREATE, PUBLISHED, SAME, OK, OK, PUBLISHED),
          row(CREATE, PUBLISHED, OTHER, OK, ALREADY_EXISTS, PUBLISHED),
          row(DELETE, PUBLISHED, SAME, FAILED_PRECONDITION, FAILED_PRECONDITION, PUBLISHED),
          row(EXPAND, PUBLISHED, SAME, OK, OK, PUBLISHED),
          row(EXPAND, PUBLISHED, OTHER, OK, OK, PUBLISHED),
          row(GET, PUBLISHED, SAME, OK, OK, PUBLISHED),
          row(VALIDATE, PUBLISHED, SAME, OK, OK, PUBLISHED),
          row(PUBLISH, PUBLISHED, SAME, OK, OK, PUBLISHED),
          row(PUBLISH, PUBLISHED, OTHER, OK, ALREADY_EXISTS, PUBLISHED),
          row(PUBLISH, PUBLISHED, ELSEWHERE, OK, OK, PUBLISHED),
          row(PUBLISH, PUBLISHED, ALONE, FAILED_PRECONDITION, FAILED_PRECONDITION, PUBLISHED),
          row(UNPUBLISH, PUBLISHED, SAME, OK, OK, READY),
          row(UNPUBLISH, PUBLISHED, ELSEWHERE, OK, OK, PUBLISHED),
          row(STATS, PUBLISHED, SAME, OK, OK, PUBLISHED),
          //
          // The tombstone has set the name free: this is another volume.
          row(CREATE, DELETING, SAME, OK, OK, READY),
          row(DELETE, DELETING, SAME, ABORTED, ABORTED, DELETING),
          row(EXPAND, DELETING, SAME, ABORTED, ABORTED, DELETING),
          row(GET, DELETING, SAME, NOT_FOUND, NOT_FOUND, DELETING),
          row(VALIDATE, DELETING, SAME, NOT_FOUND, NOT_FOUND, DELETING),
          row(PUBLISH, DELETING, SAME, UNAUTHENTICATED, UNAUTHENTICATED, DELETING),
          row(UNPUBLISH, DELETING, SAME, OK, OK, DELETING),
          row(STATS, DELETING, SAME, NOT_FOUND, NOT_FOUND, DELETING),
          //
          row(SNAPSHOT, ABSENT, SAME, NOT_FOUND, NOT_FOUND, ABSENT),
          row(FORGET, ABSENT, SAME, OK, OK, ABSENT),
          row(LOOK, ABSENT, SAME, NOT_FOUND, NOT_FOUND, ABSENT),
          row(COPY, ABSENT, SAME, NOT_FOUND, NOT_FOUND, ABSENT),
          row(RESTORE, ABSENT, SAME, NOT_FOUND, NOT_FOUND, ABSENT),
          row(SNAPSHOT, CREATING, SAME, NOT_FOUND, NOT_FOUND, CREATING),
          row(COPY, CREATING, SAME, NOT_FOUND, NOT_FOUND, CREATING),
          row(SNAPSHOT, READY, SAME, OK, OK, KEPT),
          row(COPY, READY, SAME, OK, OK, COPIED),
          row(COPY, READY, OTHER, OK, ALREADY_EXISTS, COPIED),
          row(SNAPSHOT, DELETING, SAME, NOT_FOUND, NOT_FOUND, DELETING),
          row(COPY, DELETING, SAME, NOT_FOUND, NOT_FOUND, DELETING),
          //
          row(SNAPSHOT, KEPT, SAME, OK, OK, KEPT),
          row(SNAPSHOT, KEPT, OTHER, OK, ALREADY_EXISTS, KEPT),
          row(FORGET, KEPT, SAME, OK, OK, READY),
          row(LOOK, KEPT, SAME, OK, OK, KEPT),
          row(RESTORE, KEPT, SAME, OK, OK, RESTORED),
          row(RESTORE, KEPT, OTHER, OK, ALREADY_EXISTS, RESTORED),
          row(DELETE, KEPT, SAME, OK, OK, OUTLIVED),
          //
          row(SNAPSHOT, KEEPING, SAME, ABORTED, ABORTED, KEEPING),
          row(SNAPSHOT, KEEPING, OTHER, ABORTED, ALREADY_EXISTS, KEEPING),
          row(FORGET, KEEPING, SAME, ABORTED, ABORTED, KEEPING),
          row(LOOK, KEEPING, SAME, NOT_FOUND, NOT_FOUND, KEEPING),
          row(RESTORE, KEEPING, SAME, NOT_FOUND, NOT_FOUND, KEEPING),
          row(DELETE, KEEPING, SAME, ABORTED, ABORTED, KEEPING),
          row(GET, KEEPING, SAME, OK, OK, KEEPING),
          //
          row(FORGET, FORGETTING, SAME, ABORTED, ABORTED, FORGETTING),
          row(LOOK, FORGETTING, SAME, NOT_FOUND, NOT_FOUND, FORGETTING),
          row(RESTORE, FORGETTING, SAME, NOT_FOUND, NOT_FOUND, FORGETTING),
          row(GET, FORGETTING, SAME, OK, OK, FORGETTING),
          //
          row(COPY, COPYING, SAME, ABORTED, ABORTED, COPYING),
          row(COPY, COPYING, OTHER, ABORTED, ALREADY_EXISTS, COPYING),
          row(DELETE, COPYING, SAME, ABORTED, ABORTED, COPYING),
          row(GET, COPYING, SAME, OK, OK, COPYING),
          //
          row(RESTORE, RESTORING, SAME, ABORTED, ABORTED, RESTORING),
          row(RESTORE, RESTORING, OTHER, ABORTED, ALREADY_EXISTS, RESTORING),
          row(FORGET, RESTORING, SAME, ABORTED, ABORTED, RESTORING),
          row(LOOK, RESTORING, SAME, OK, OK, RESTORING),
          row(GET, RESTORING, SAME, OK, OK, RESTORING));

  /** Calls at once may also find that another one is under way. */
  private static Row row(
      Rpc rpc, State state, Arguments arguments, Code first, Code second, State end) {
    return new Row(rpc, state, arguments, first, second, EnumSet.of(first, second, ABORTED), end);
  }

  static List<Row> of(State state) {
    return ALL.stream().filter(row -> row.state == state).toList();
  }

  @Override
  public String toString() {
    return "%s, %s, arguments %s".formatted(rpc, state, arguments);
  }
}
