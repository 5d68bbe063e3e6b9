package org.dlaclab.kernel.display;

import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Records of one class as a table in HTML: a row for each, a column for each component. Its style
 * is inline and names no colour that a dark or light page would hide, so that a sanitizer may take
 * parts of it away.
 */
final class RecordTable {
  private static final int MOST_ROWS = 50;
  private static final int MOST_COLUMNS = 30;
  private static final int LONGEST_CELL = 200;

  private static final String HEAD =
      "position:sticky;top:0;padding:4px 10px;border-bottom:1px solid rgba(128,128,128,0.6);"
          + "background:var(--jp-layout-color0,var(--vscode-editor-background,Canvas));"
          + "color:var(--jp-content-font-color1,var(--vscode-editor-foreground,CanvasText));";
  private static final String CELL = "padding:3px 10px;white-space:pre-wrap;";

  private final Class<?> type;
  private final List<List<@Nullable Object>> rows;
  private final int size;

  private RecordTable(Class<?> type, List<List<@Nullable Object>> rows, int size) {
    this.type = type;
    this.rows = rows;
    this.size = size;
  }

  /** The table of a collection or an array, if it holds records of one class and nothing else. */
  static Optional<String> html(Object values) {
    Iterator<?> all;
    int size;
    if (values instanceof Collection<?> collection && Text.printsAsJavaDoes(values)) {
      all = collection.iterator();
      size = collection.size();
    } else if (values instanceof Object[] array) {
      all = Arrays.asList(array).iterator();
      size = array.length;
    } else {
      return Optional.empty();
    }
    Class<?> type = null;
    List<List<@Nullable Object>> rows = new ArrayList<>();
    while (all.hasNext() && rows.size() < MOST_ROWS) {
      if (!(all.next() instanceof Record record) || (type != null && type != record.getClass())) {
        return Optional.empty();
      }
      List<@Nullable Object> row = Text.components(record);
      boolean first = type == null;
      if (row.isEmpty()
          || row.size() > MOST_COLUMNS
          || (first && !Text.printsAsJavaDoes(record, row))) {
        return Optional.empty();
      }
      type = record.getClass();
      rows.add(row);
    }
    return type == null ? Optional.empty() : Optional.of(new RecordTable(type, rows, size).html());
  }

  private String html() {
    RecordComponent[] columns = type.getRecordComponents();
    String[] align = new String[columns.length];
    StringBuilder out =
        new StringBuilder(
                "<div style=\"display:inline-block;max-height:420px;max-width:100%;overflow:auto\">")
            .append("<table style=\"border-collapse:collapse;margin:0\"><thead><tr>");
    for (int i = 0; i < columns.length; i++) {
      align[i] = "text-align:" + (isNumeric(i) ? "right" : "left");
      out.append("<th style=\"").append(HEAD).append(align[i]).append("\">");
      out.append(Html.escape(columns[i].getName())).append("</th>");
    }
    out.append("</tr></thead><tbody>\n");
    for (List<@Nullable Object> row : rows) {
      out.append("<tr>");
      for (int i = 0; i < columns.length; i++) {
        out.append("<td style=\"").append(CELL).append(align[i]).append("\">");
        out.append(cell(row.get(i))).append("</td>");
      }
      out.append("</tr>\n");
    }
    return out.append("</tbody></table></div>").append(shape(columns.length)).toString();
  }

  private String shape(int columns) {
    String shape =
        String.format(
            Locale.ROOT,
            "%s: %,d %s × %d %s%s",
            type.getSimpleName(),
            size,
            size == 1 ? "row" : "rows",
            columns,
            columns == 1 ? "column" : "columns",
            size > rows.size() ? ", the first " + rows.size() + " shown" : "");
    return "<div style=\"opacity:0.7;padding:4px 10px\">" + Html.escape(shape) + "</div>";
  }

  private boolean isNumeric(int column) {
    return rows.stream()
            .allMatch(row -> row.get(column) == null || row.get(column) instanceof Number)
        && rows.stream().anyMatch(row -> row.get(column) != null);
  }

  private static String cell(@Nullable Object value) {
    String text = value instanceof CharSequence chars ? chars.toString() : Text.of(value);
    String cut = text.length() > LONGEST_CELL ? text.substring(0, LONGEST_CELL) + "…" : text;
    String shown = Html.escape(cut);
    return value == null ? "<span style=\"opacity:0.5\">" + shown + "</span>" : shown;
  }
}
