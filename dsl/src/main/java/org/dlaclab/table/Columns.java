package org.dlaclab.table;

import java.math.RoundingMode;
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
 * Columns of a tablesaw table: values as they are, printed as a reader wants them, alike in every
 * locale. Each kind of column comes with a total as last row, and without.
 */
public final class Columns {
  private Columns() {}

  /** The table of these columns. */
  public static Table table(String name, Column<?>... columns) {
    return Table.create(name, columns);
  }

  /** A column of text. */
  public static <T> StringColumn text(String name, List<T> rows, Function<T, String> value) {
    StringColumn column = StringColumn.create(name);
    rows.forEach(row -> column.append(value.apply(row)));
    return column;
  }

  /** A column of text, with {@code total} as last row. */
  public static <T> StringColumn text(
      String name, List<T> rows, Function<T, String> value, String total) {
    return text(name, rows, value).append(total);
  }

  /** A column of whole numbers, printed with thousands separators. */
  public static <T> LongColumn count(String name, List<T> rows, ToLongFunction<T> value) {
    LongColumn column = LongColumn.create(name);
    rows.forEach(row -> column.append(value.applyAsLong(row)));
    column.setPrintFormatter(format("#,##0"), "");
    return column;
  }

  /** As the other, with {@code total} as last row. */
  public static <T> LongColumn count(
      String name, List<T> rows, ToLongFunction<T> value, long total) {
    return count(name, rows, value).append(total);
  }

  /**
   * A column of numbers, printed with {@code decimals} decimals; NaN is missing and prints as
   * nothing.
   */
  public static <T> DoubleColumn decimal(
      String name, int decimals, List<T> rows, ToDoubleFunction<T> value) {
    return number(name, "#,##0" + (decimals == 0 ? "" : "." + "0".repeat(decimals)), rows, value);
  }

  /** As the other, with {@code total} as last row. */
  public static <T> DoubleColumn decimal(
      String name, int decimals, List<T> rows, ToDoubleFunction<T> value, double total) {
    return decimal(name, decimals, rows, value).append(total);
  }

  /** A column of fractions, printed as percentages with one decimal; NaN is missing. */
  public static <T> DoubleColumn percent(String name, List<T> rows, ToDoubleFunction<T> value) {
    return number(name, "0.0%", rows, value);
  }

  /** As the other, with {@code total} as last row. */
  public static <T> DoubleColumn percent(
      String name, List<T> rows, ToDoubleFunction<T> value, double total) {
    return percent(name, rows, value).append(total);
  }

  private static <T> DoubleColumn number(
      String name, String pattern, List<T> rows, ToDoubleFunction<T> value) {
    DoubleColumn column = DoubleColumn.create(name);
    rows.forEach(row -> column.append(value.applyAsDouble(row)));
    column.setPrintFormatter(new NumberColumnFormatter(format(pattern)));
    return column;
  }

  /** Half up, as readers round; Java's default would print 0.125 as 0.12. */
  private static DecimalFormat format(String pattern) {
    DecimalFormat format =
        new DecimalFormat(pattern, DecimalFormatSymbols.getInstance(Locale.ROOT));
    format.setRoundingMode(RoundingMode.HALF_UP);
    return format;
  }
}
