package org.dlaclab.plot;

import java.util.ArrayList;
import java.util.List;
import org.dlaclab.plot.Canvas.Anchor;
import org.dlaclab.plot.Canvas.TextStyle;

/**
 * What stands above every chart: its titles, the legend, and what its value axis measures.
 *
 * @param legend the numbers of the series in each row; none where the chart needs no legend
 */
record Header(
    List<String> titles,
    List<String> subtitles,
    List<String> names,
    List<List<Integer>> legend,
    String valueAxis) {
  private static final TextStyle TITLE = new TextStyle(17, true);
  private static final TextStyle SUBTITLE = new TextStyle(13, false);

  /** Paints what stands before the name of a series, into a square of 11. */
  interface Swatch {
    void paint(Canvas canvas, int series, double x, double y);
  }

  /**
   * @param names of the series in the legend; none for no legend
   * @param width of the whole drawing
   */
  static Header of(
      String title, String subtitle, List<String> names, String valueAxis, double width) {
    double room = width - 2 * Drawing.PAD;
    return new Header(
        title.isBlank() ? List.of() : Drawing.wrap(title, TITLE, room),
        subtitle.isBlank() ? List.of() : Drawing.wrap(subtitle, SUBTITLE, room),
        names,
        rows(names, room),
        valueAxis);
  }

  private static List<List<Integer>> rows(List<String> names, double room) {
    List<List<Integer>> rows = new ArrayList<>();
    double x = Double.POSITIVE_INFINITY;
    for (int s = 0; s < names.size(); s++) {
      double entry = width(names.get(s));
      if (x + entry > room) {
        rows.add(new ArrayList<>());
        x = 0;
      }
      rows.get(rows.size() - 1).add(s);
      x += entry;
    }
    return rows;
  }

  private static double width(String name) {
    return 17 + Drawing.width(name, Drawing.SMALL) + 20;
  }

  /** How far down it reaches: here the plot begins. */
  double height() {
    return Drawing.PAD
        + 23 * titles.size()
        + 19 * subtitles.size()
        + (legend.isEmpty() ? 0 : 6 + 21 * legend.size())
        + (valueAxis.isBlank() ? 10 : 30);
  }

  void paint(Canvas canvas, Swatch swatch) {
    double pad = Drawing.PAD;
    double y = pad;
    for (String line : titles) {
      canvas.text(pad, y + 14, Anchor.START, 0, TITLE, Drawing.INK, line);
      y += 23;
    }
    for (String line : subtitles) {
      canvas.text(pad, y + 11, Anchor.START, 0, SUBTITLE, Drawing.SOFT, line);
      y += 19;
    }
    y += 6;
    for (List<Integer> row : legend) {
      double x = pad;
      for (int s : row) {
        swatch.paint(canvas, s, x, y + 2);
        canvas.text(x + 17, y + 12, Anchor.START, 0, Drawing.SMALL, Drawing.INK, names.get(s));
        x += width(names.get(s));
      }
      y += 21;
    }
    if (!valueAxis.isBlank()) {
      double at = height() - 14;
      canvas.text(pad, at, Anchor.START, 0, Drawing.SMALL, Drawing.SOFT, valueAxis);
    }
  }
}
