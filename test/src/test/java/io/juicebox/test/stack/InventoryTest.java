package io.juicebox.test.stack;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class InventoryTest {

  @Test
  void theDifferenceSaysWhatCameAndWhatWent() {
    var before = inventory("key default 2 setting", "mount fuse.juicefs rw node/mounts/a");
    var after = inventory("key default 2 setting", "object default juicebox/a/chunks/0");
    assertThat(after.since(before))
        .containsExactly(
            "+ object default juicebox/a/chunks/0", "- mount fuse.juicefs rw node/mounts/a");
    assertThat(after.since(after)).isEmpty();
  }

  @Test
  void thingsAreSelectedByKind() {
    assertThat(inventory("key default 2 i1", "keys", "object x").of("key"))
        .containsExactly("key default 2 i1");
  }

  private static Inventory inventory(String... things) {
    return new Inventory(new TreeSet<>(List.of(things)));
  }
}
