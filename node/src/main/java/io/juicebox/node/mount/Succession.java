package io.juicebox.node.mount;

/** How a juicefs process comes to its mount. */
sealed interface Succession {
  /** It makes the mount. */
  record First() implements Succession {}

  /** Its predecessor ended without a word: its descriptor is there and nothing else. */
  record AfterCrash() implements Succession {}

  /**
   * Its predecessor has left open files, locks and all that is not written yet.
   *
   * @param session the predecessor's, which goes on
   */
  record Graceful(long session) implements Succession {}
}
