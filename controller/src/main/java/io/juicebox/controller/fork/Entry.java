package io.juicebox.controller.fork;

import java.util.List;

/**
 * What a stream of metadata says about one key. Later entries win: a key that was read twice is
 * there twice.
 */
sealed interface Entry {
  String key();

  /**
   * The key has exactly this value.
   *
   * @param parts the string itself; a list's elements; a hash's fields, each with its value; a
   *     set's members; a sorted set's members, each with its score
   */
  record Value(String key, ValueType type, List<String> parts) implements Entry {}

  /** The key's value has these parts, too: of a value that is too large for one entry. */
  record More(String key, ValueType type, List<String> parts) implements Entry {}

  /** There is no such key. */
  record Removed(String key) implements Entry {}
}
