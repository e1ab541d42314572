package io.juicebox.test.twice;

/** What a volume is when a call comes. */
enum State {
  ABSENT("absent"),
  /** Another call is making it and stands still. */
  CREATING("being created"),
  READY("ready"),
  /** At one target, so that more are allowed. */
  PUBLISHED("published"),
  /** Another call is deleting it and stands still. */
  DELETING("being deleted");

  private final String words;

  State(String words) {
    this.words = words;
  }

  @Override
  public String toString() {
    return words;
  }
}
