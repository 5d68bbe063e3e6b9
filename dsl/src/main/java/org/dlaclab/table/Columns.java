package org.dlaclab.table;

import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.LongColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;
import tech.tablesaw.columns.Column;
import tech.tablesaw.columns.numbers.NumberColumnFormatter;

/**
 * Columns of a tablesaw table: values as they are, printed as a reader wants them, with the total
 * as last row.
 */
public final class Columns {
  private Columns() {}

  /** The table of these columns. */
  public static Table table(String name, Column<?>... columns) {
    return Table.create(name, columns);
  }

  /** A column of text. */
  public static <T> StringColumn text(
      String name, List<T> rows, Function<T, String> value, String total) {
    StringColumn column = StringColumn.create(name);
    rows.forEach(row -> column.append(value.apply(row)));
    return column.append(total);
  }

  /** A column of whole numbers, printed with thousands separators. */
  public static <T> LongColumn count(
      String name, List<T> rows, ToLongFunction<T> value, long total) {
    LongColumn column = LongColumn.create(name);
    rows.forEach(row -> column.append(value.applyAsLong(row)));
    column.append(total);
    column.setPrintFormatter(format("#,##0"), "");
    return column;
  }

  /**
   * A column of numbers, printed with {@code decimals} decimals; NaN is missing and prints as
   * nothing.
   */
  public static <T> DoubleColumn decimal(
      String name, int decimals, List<T> rows, ToDoubleFunction<T> value, double total) {
    return number(
        name, "#,##0" + (decimals == 0 ? "" : "." + "0".repeat(decimals)), rows, value, total);
  }

  /** A column of fractions, printed as percentages with one decimal. */
  public static <T> DoubleColumn percent(
      String name, List<T> rows, ToDoubleFunction<T> value, double total) {
    return number(name, "0.0%", rows, value, total);
  }

  private static <T> DoubleColumn number(
      String name, String pattern, List<T> rows, ToDoubleFunction<T> value, double total) {
    DoubleColumn column = DoubleColumn.create(name);
    rows.forEach(row -> column.append(value.applyAsDouble(row)));
    column.append(total);
    column.setPrintFormatter(new NumberColumnFormatter(format(pattern)));
    return column;
  }

  private static DecimalFormat format(String pattern) {
    return new DecimalFormat(pattern, DecimalFormatSymbols.getInstance(Locale.ROOT));
  }
}
