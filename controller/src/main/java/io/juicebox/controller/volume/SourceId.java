package io.juicebox.controller.volume;

import io.juicebox.controller.registry.Origin;

/**
 * What a CO names as the source of a copy.
 *
 * @param id as it was sent: maybe none of ours
 */
public record SourceId(Origin.Kind kind, String id) {

  /** The same text for the same source. */
  String canonical() {
    return kind + " " + id;
  }
}
