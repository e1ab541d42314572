package io.juicebox.test.faults;

import io.juicebox.test.table.Table;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** The one table of the stage; each class adds its rows, and it is printed at the end of all. */
final class FaultTable implements BeforeAllCallback {
  static final String[] COLUMNS = {
    "event",
    "rounds",
    "the application saw",
    "median",
    "longest",
    "bound",
    "neighbours' longest",
    "beside",
    ""
  };

  private Table table = new Table("", COLUMNS);

  /** Closed with the whole run. */
  private record Printed(Table table) implements AutoCloseable {
    @Override
    public void close() {
      table.print(System.out);
    }
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    table =
        context
            .getRoot()
            .getStore(ExtensionContext.Namespace.GLOBAL)
            .getOrComputeIfAbsent(
                Printed.class,
                _ -> new Printed(new Table("faults under load", COLUMNS)),
                Printed.class)
            .table();
  }

  void add(Row row) {
    table.add(row.cells());
  }
}
