package org.dlaclab.table;

import java.util.ArrayList;
import java.util.List;
import tech.tablesaw.api.ColumnType;
import tech.tablesaw.api.Table;
import tech.tablesaw.columns.Column;

/**
 * A table that displays whole: numbers aligned to the right, every row shown, the total set apart.
 *
 * @param title one line above the table
 * @param table the values; columns print with their own formatters
 * @param totals whether the last row is a total
 */
public record Listing(String title, Table table, boolean totals) {

  /** The table as aligned text. */
  @Override
  public String toString() {
    int rows = table.rowCount();
    List<List<String>> cells = new ArrayList<>();
    List<Integer> widths = new ArrayList<>();
    for (Column<?> column : table.columns()) {
      List<String> texts = new ArrayList<>(rows);
      int width = column.name().length();
      for (int r = 0; r < rows; r++) {
        texts.add(column.getString(r));
        width = Math.max(width, texts.get(r).length());
      }
      cells.add(texts);
      widths.add(width);
    }
    StringBuilder out = new StringBuilder(title).append('\n');
    line(out, widths, c -> table.column(c).name());
    rule(out, widths);
    for (int r = 0; r < rows; r++) {
      if (totals && r == rows - 1) {
        rule(out, widths);
      }
      int row = r;
      line(out, widths, c -> cells.get(c).get(row));
    }
    return out.toString().stripTrailing();
  }

  private void line(
      StringBuilder out, List<Integer> widths, java.util.function.IntFunction<String> cell) {
    StringBuilder text = new StringBuilder();
    for (int c = 0; c < widths.size(); c++) {
      String value = cell.apply(c);
      String space = " ".repeat(widths.get(c) - value.length());
      boolean left = table.column(c).type() == ColumnType.STRING;
      text.append(c == 0 ? "" : "  ").append(left ? value + space : space + value);
    }
    out.append(text.toString().stripTrailing()).append('\n');
  }

  private static void rule(StringBuilder out, List<Integer> widths) {
    int width = widths.stream().mapToInt(Integer::intValue).sum() + 2 * (widths.size() - 1);
    out.append("-".repeat(width)).append('\n');
  }
}
