package io.juicebox.test.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Measured times of one thing, in milliseconds. */
final class Samples {
  private final List<Double> milliseconds = new ArrayList<>();

  /** What is being measured. */
  @FunctionalInterface
  interface Measured<T> {
    T run() throws Exception;
  }

  /** Runs it once and keeps the time if it succeeded. */
  <T> T measure(Measured<T> measured) throws Exception {
    var start = System.nanoTime();
    var result = measured.run();
    milliseconds.add((System.nanoTime() - start) / 1e6);
    return result;
  }

  void add(double time) {
    milliseconds.add(time);
  }

  double total() {
    return milliseconds.stream().mapToDouble(Double::doubleValue).sum();
  }

  int count() {
    return milliseconds.size();
  }

  double median() {
    return quantile(0.5);
  }

  double quantile(double share) {
    var sorted = new ArrayList<>(milliseconds);
    Collections.sort(sorted);
    return sorted.get((int) Math.min(sorted.size() - 1.0, Math.floor(share * sorted.size())));
  }
}
