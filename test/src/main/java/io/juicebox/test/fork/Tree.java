package io.juicebox.test.fork;

import java.nio.file.Path;
import java.util.List;

/**
 * All that is in a folder, one line for each name: kind, mode, owners, times, links, size, content,
 * extended attributes and access lists, as {@code test/fork/tree.py} prints them. Two are equal
 * when no program could tell the folders apart, but by when they were read.
 */
record Tree(List<String> lines) {
  /** Reads every byte below a folder, without changing anything. */
  static Tree of(Path folder) {
    return new Tree(Scripts.run("tree", folder));
  }
}
