package io.juicebox.test.twice;

import com.google.protobuf.Message;

/** A call that is torn, with what comes before and after it. */
interface Operation {
  /** A volume in the state that the call begins with. */
  Subject prepare();

  Message call(Subject subject);

  /**
   * What a CO does after the kill, and what must be true then; nothing of the volume is left.
   *
   * @param round counted from 0: even rounds call again, odd ones go another allowed way
   */
  void recover(Subject subject, int round) throws Exception;
}
