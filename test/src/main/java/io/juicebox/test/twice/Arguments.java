package io.juicebox.test.twice;

/** How the calls of one row differ from each other. */
enum Arguments {
  /** All are the same, and the same as what made the state. */
  SAME("same"),
  /** Every second one says something else: another capacity, read-only. */
  OTHER("other"),
  /** Each names a target of its own. */
  ELSEWHERE("other target"),
  /** Each names a target of its own, in a mode that allows one target only. */
  ALONE("other target, SINGLE_WRITER");

  private final String words;

  Arguments(String words) {
    this.words = words;
  }

  @Override
  public String toString() {
    return words;
  }
}
