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
  DELETING("being deleted"),
  /** It has a snapshot. */
  KEPT("with a snapshot"),
  /** Another call is making its snapshot and stands still. */
  KEEPING("snapshot being made"),
  /** Another call is deleting its snapshot and stands still. */
  FORGETTING("snapshot being deleted"),
  /** It was deleted, its snapshot not. */
  OUTLIVED("gone, with a snapshot"),
  /** Another volume was made of it. */
  COPIED("with a copy"),
  /** Another call is making that one and stands still. */
  COPYING("being copied"),
  /** Another volume was made of its snapshot. */
  RESTORED("with a restored snapshot"),
  /** Another call is making that one and stands still. */
  RESTORING("snapshot being restored");

  private final String words;

  State(String words) {
    this.words = words;
  }

  @Override
  public String toString() {
    return words;
  }
}
