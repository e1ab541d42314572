package io.juicebox.test.table;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A table for people: columns as wide as their widest cell, numbers to the right. */
public final class Table {
  private final String title;
  private final List<List<String>> rows = new ArrayList<>();

  public Table(String title, String... columns) {
    this.title = title;
    rows.add(List.of(columns));
  }

  /** Adds a row, with one cell for each column. */
  public synchronized void add(Object... cells) {
    if (cells.length != rows.getFirst().size()) {
      throw new IllegalArgumentException("not one cell for each column: " + Arrays.toString(cells));
    }
    rows.add(Arrays.stream(cells).map(Table::text).toList());
  }

  public synchronized void print(PrintStream out) {
    out.printf("%n%s%n", title);
    for (int i = 0; i < rows.size(); i++) {
      out.println(line(rows.get(i)));
      if (i == 0) {
        out.println("-".repeat(line(rows.get(i)).length()));
      }
    }
    out.println();
  }

  private String line(List<String> cells) {
    var line = new StringBuilder("  ");
    for (int column = 0; column < cells.size(); column++) {
      var cell = cells.get(column);
      var gap = " ".repeat(width(column) - cell.length());
      line.append(isNumeric(column) ? gap + cell : cell + gap).append("  ");
    }
    return line.toString().stripTrailing();
  }

  private int width(int column) {
    return rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(0);
  }

  private boolean isNumeric(int column) {
    return rows.size() > 1
        && rows.stream().skip(1).allMatch(row -> row.get(column).matches("[0-9.]+( m?s)?|"));
  }

  private static String text(Object cell) {
    return cell instanceof Double number ? "%.2f".formatted(number) : cell.toString();
  }
}
