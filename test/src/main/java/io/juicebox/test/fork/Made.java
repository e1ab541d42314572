package io.juicebox.test.fork;

import java.util.function.Supplier;

/** Something that was made, and when it was asked for and there, by {@link System#nanoTime}. */
record Made<T>(T it, long called, long answered) {
  static <T> Made<T> by(Supplier<T> call) {
    long called = System.nanoTime();
    var made = call.get();
    return new Made<>(made, called, System.nanoTime());
  }
}
