package io.juicebox.controller.collector;

import io.juicebox.controller.meta.Condition;
import io.juicebox.controller.meta.Garbage;
import io.juicebox.controller.meta.Garbage.DeletedFiles;
import io.juicebox.controller.meta.Garbage.Progress;
import java.util.Optional;

/**
 * What one volume has done for it in one pass, in the order in which one thing leads to another.
 */
record VolumeTurn(Garbage garbage, Unmounted unmounted, DeadSlices deadSlices) {

  /**
   * What a turn left over for want of time.
   *
   * @param slices dead ones that it saw
   */
  record Left(long slices, Progress progress) {
    static final Left NOTHING = new Left(0, Progress.NOTHING_LEFT);
  }

  /** Does as much as there is time for; nothing where the volume is being removed. */
  Left run(Job job) throws InterruptedException {
    Optional<Condition> found = garbage.condition(job.number(), job.uuid());
    if (found.isEmpty()) {
      return Left.NOTHING;
    }
    Condition condition = found.get();
    Progress tidied = unmounted.tidy(job, condition);
    Progress files = deleteFiles(job);
    long slices = deadSlices.collect(job, condition.blockSize());
    boolean more = slices > 0 || tidied == Progress.MORE || files == Progress.MORE;
    return new Left(slices, more ? Progress.MORE : Progress.NOTHING_LEFT);
  }

  /** A file that was begun is finished, whatever the time: else a huge one would never be. */
  private Progress deleteFiles(Job job) {
    DeletedFiles at = DeletedFiles.BEGIN;
    while (at.file().isPresent() ? job.claim().isHeld() : job.mayGoOn()) {
      Optional<DeletedFiles> next = garbage.deleteFiles(job.number(), job.uuid(), at);
      if (next.isEmpty() || (next.get().done() == 0 && next.get().file().isEmpty())) {
        return Progress.NOTHING_LEFT;
      }
      at = next.get();
    }
    return Progress.MORE;
  }
}
