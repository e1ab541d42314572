package io.juicebox.controller.fork;

import java.time.Duration;

/**
 * How a filesystem's metadata was read, and what that cost others.
 *
 * @param way in one step, or in many and a last one
 * @param elements keys, and parts of their values; what was read twice counts twice, and what the
 *     server copied as much as it costs, see copy.lua
 * @param longestStep for which the server answered nobody else, but for large values that were read
 *     in a pause
 * @param pause for which all clients' writes waited, in all attempts together
 * @param cuts how often the last step was tried
 */
public record ReadReport(Way way, long elements, Duration longestStep, Duration pause, int cuts) {
  public enum Way {
    AT_ONCE,
    COPIED_BEFORE
  }
}
