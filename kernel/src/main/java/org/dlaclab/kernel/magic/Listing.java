package org.dlaclab.kernel.magic;

import java.util.ArrayList;
import java.util.List;
import org.dlaclab.kernel.display.Bundle;
import org.dlaclab.kernel.display.Html;

/**
 * A small table.
 *
 * @param head names of the columns; one that ends with {@code >} holds numbers, set to the right
 * @param note a line below the table, or empty
 */
record Listing(List<String> head, List<List<String>> rows, String note) {
  Bundle bundle() {
    return Bundle.text(text()).with("text/html", html());
  }

  private static boolean right(String column) {
    return column.endsWith(">");
  }

  private static String name(String column) {
    return right(column) ? column.substring(0, column.length() - 1) : column;
  }

  String text() {
    List<List<String>> all = new ArrayList<>();
    all.add(head.stream().map(Listing::name).toList());
    all.addAll(rows);
    int[] widths = new int[head.size()];
    for (List<String> row : all) {
      for (int column = 0; column < widths.length; column++) {
        widths[column] = Math.max(widths[column], row.get(column).length());
      }
    }
    StringBuilder text = new StringBuilder();
    for (List<String> row : all) {
      StringBuilder line = new StringBuilder();
      for (int column = 0; column < widths.length; column++) {
        String value = row.get(column);
        String pad = " ".repeat(widths[column] - value.length());
        line.append(column == 0 ? "" : "  ");
        line.append(right(head.get(column)) ? pad + value : value + pad);
      }
      text.append(line.toString().stripTrailing()).append('\n');
    }
    return (rows.isEmpty() ? "" : text.toString()) + note;
  }

  private String html() {
    StringBuilder html = new StringBuilder();
    if (!rows.isEmpty()) {
      html.append("<table><thead><tr>");
      head.forEach(column -> html.append(cell("th", column, name(column))));
      html.append("</tr></thead><tbody>");
      for (List<String> row : rows) {
        html.append("<tr>");
        for (int column = 0; column < head.size(); column++) {
          html.append(cell("td", head.get(column), row.get(column)));
        }
        html.append("</tr>");
      }
      html.append("</tbody></table>");
    }
    if (!note.isEmpty()) {
      html.append("<p>").append(Html.escape(note).replace("\n", "<br>")).append("</p>");
    }
    return html.toString();
  }

  private static String cell(String tag, String column, String value) {
    String align = right(column) ? "right" : "left";
    return "<"
        + tag
        + " style=\"text-align:"
        + align
        + "\">"
        + Html.escape(value)
        + "</"
        + tag
        + ">";
  }
}
