package io.juicebox.test.fork;

import static org.assertj.core.api.Assertions.assertThat;

import io.juicebox.csi.spec.Snapshot;
import io.juicebox.test.isolation.OwnVolume;
import io.juicebox.test.server.Waiting;
import io.juicebox.test.stack.LocalStack;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A volume of a lineage, which file of it must hold what, and how many copies it is away from the
 * lineage's first volume. For one thread at a time.
 */
final class Member {
  private static final int NEW = 3;
  private static final Duration COLLECTED = Duration.ofSeconds(60);
  private static final Duration POLL = Duration.ofMillis(100);

  private final Contents contents;
  private final OwnVolume volume;
  private final int level;
  private final SortedMap<String, Integer> files;

  /**
   * A snapshot of a member.
   *
   * @param files which file of a volume that is made of it must hold what
   * @param named the slices that these are in
   */
  record Kept(Snapshot snapshot, int level, Map<String, Integer> files, Set<Long> named) {}

  Member(Contents contents, OwnVolume volume, int level, Map<String, Integer> files) {
    this.contents = contents;
    this.volume = volume;
    this.level = level;
    this.files = new TreeMap<>(files);
  }

  /** The first of a lineage, with files of its own. */
  static Member first(Contents contents, LocalStack stack, String name) {
    var member = new Member(contents, OwnVolume.create(stack, name), 1, Map.of());
    member.fill();
    return member;
  }

  /** Writes files of its own. */
  void fill() {
    volume.publish();
    for (int i = 0; i < NEW; i++) {
      write("%s/%d".formatted(volume.target().getFileName(), i));
    }
    volume.unpublish();
  }

  OwnVolume volume() {
    return volume;
  }

  int level() {
    return level;
  }

  /** The slices that its files are in. */
  Set<Long> named() {
    return contents.named(volume);
  }

  Member fork(String name) {
    return new Member(contents, volume.fork(name), level + 1, files);
  }

  /** Takes a snapshot when no deleted file waits for its collection any more. */
  Kept snapshot(String name) {
    var collected =
        Waiting.until(() -> volume.redis("EXISTS", "delfiles").equals("0"), COLLECTED, POLL);
    assertThat(collected).as("deleted files of %s are collected", this).isTrue();
    return new Kept(volume.snapshot(name), level, Map.copyOf(files), named());
  }

  /** Another one of the lineage, which has what a snapshot holds. */
  static Member restored(Contents contents, LocalStack stack, String name, Kept kept) {
    var made = OwnVolume.restore(stack, name, kept.snapshot());
    return new Member(contents, made, kept.level() + 1, kept.files());
  }

  /** Publishes it, reads everything and compares, and writes, overwrites and deletes some. */
  void visit(Random random) {
    volume.publish();
    requireFiles();
    for (int i = 0; i < NEW; i++) {
      write("%s/%d".formatted(random.nextInt(4), random.nextInt(1000)));
    }
    var names = new ArrayList<>(files.keySet());
    write(names.get(random.nextInt(names.size())));
    delete(names.get(random.nextInt(names.size())));
    volume.unpublish();
  }

  /** Publishes it, reads everything and compares. */
  void check() {
    volume.publish();
    requireFiles();
    volume.unpublish();
  }

  private void write(String name) {
    files.put(name, contents.write(volume.target().resolve(name)));
  }

  private void delete(String name) {
    try {
      Files.delete(volume.target().resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    files.remove(name);
  }

  private void requireFiles() {
    Path root = volume.target();
    try (var all = Files.walk(root)) {
      var names =
          all.filter(Files::isRegularFile)
              .map(file -> root.relativize(file).toString())
              .collect(Collectors.toSet());
      assertThat(names).as("files of %s", root.getFileName()).isEqualTo(files.keySet());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    files.forEach((name, content) -> Contents.require(root.resolve(name), content));
  }

  @Override
  public String toString() {
    return volume.target().getFileName().toString();
  }
}
