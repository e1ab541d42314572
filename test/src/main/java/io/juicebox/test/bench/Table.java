package io.juicebox.test.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Collects the rows and prints them once, in Markdown, so that they can be pasted. */
final class Table {
  private final List<String> rows = new ArrayList<>();
  private int missed;

  /** A time beside the bare command's. */
  void ratio(String what, Samples ours, Samples bare, double most) {
    var ratio = ours.median() / bare.median();
    row(
        what,
        ours.count(),
        "%.1f ms".formatted(ours.median()),
        "%.1f ms".formatted(bare.median()),
        "%.2f x".formatted(ratio),
        "<= %.1f x".formatted(most),
        ratio <= most);
  }

  /** A time beside the bare command's, without a limit. */
  void ratio(String what, Samples ours, Samples bare) {
    rows.add(
        line(
            what,
            ours.count() + "",
            "%.1f ms".formatted(ours.median()),
            "%.1f ms".formatted(bare.median()),
            "%.2f x".formatted(ours.median() / bare.median()),
            "",
            ""));
  }

  /** A time that has a limit of its own. */
  void time(String what, Samples ours, double most) {
    row(
        what,
        ours.count(),
        "%.1f ms".formatted(ours.median()),
        "",
        "",
        "<= %.0f ms".formatted(most),
        ours.median() <= most);
  }

  /** A time without a limit. */
  void time(String what, Samples ours) {
    rows.add(line(what, ours.count() + "", "%.1f ms".formatted(ours.median()), "", "", "", ""));
  }

  /** The time that one in twenty exceeds, without a limit. */
  void tail(String what, Samples ours) {
    rows.add(
        line(what, ours.count() + "", "%.1f ms".formatted(ours.quantile(0.95)), "", "", "", ""));
  }

  /** An amount of memory in MiB. */
  void memory(String what, double mebibytes, double most) {
    row(
        what,
        1,
        "%.1f MiB".formatted(mebibytes),
        "",
        "",
        "<= %.0f MiB".formatted(most),
        mebibytes <= most);
  }

  /** An amount of memory in MiB beside the bare command's. */
  void memory(String what, double mebibytes, String beside) {
    rows.add(line(what, "1", "%.1f MiB".formatted(mebibytes), beside, "", "", ""));
  }

  /** Prints it; whether every limit was kept. */
  boolean print() {
    System.out.println();
    System.out.println(line("what", "runs", "median", "bare command", "ratio", "wanted", ""));
    System.out.println("|---|---|---|---|---|---|---|");
    rows.forEach(System.out::println);
    System.out.println();
    return missed == 0;
  }

  private void row(
      String what,
      int count,
      String median,
      String bare,
      String ratio,
      String wanted,
      boolean kept) {
    missed += kept ? 0 : 1;
    rows.add(line(what, count + "", median, bare, ratio, wanted, kept ? "ok" : "MISSED"));
  }

  private static String line(String... cells) {
    return String.format(
        Locale.ROOT, "| %-46s | %4s | %10s | %12s | %7s | %10s | %-6s |", (Object[]) cells);
  }
}
