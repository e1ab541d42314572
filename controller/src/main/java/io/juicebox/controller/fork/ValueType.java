package io.juicebox.controller.fork;

import io.juicebox.controller.redis.LargeValue.Kind;

/** The five types of values that JuiceFS uses. */
enum ValueType {
  STRING,
  LIST,
  HASH,
  SET,
  SORTED_SET;

  static ValueType of(Kind kind) {
    return switch (kind) {
      case HASH -> HASH;
      case SET -> SET;
      case SORTED_SET -> SORTED_SET;
    };
  }

  /** How many parts belong together. */
  int stride() {
    return switch (this) {
      case STRING, LIST, SET -> 1;
      case HASH, SORTED_SET -> 2;
    };
  }
}
