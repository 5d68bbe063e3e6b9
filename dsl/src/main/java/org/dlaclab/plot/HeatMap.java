package org.dlaclab.plot;

import java.awt.Color;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.dlaclab.error.DlacException;
import org.dlaclab.table.Columns;
import org.dlaclab.table.Listing;
import tech.tablesaw.columns.Column;

/**
 * A value for each pair of named values, as a colour: what two parameters do together.
 *
 * @param title what the chart shows
 * @param subtitle of what, one or two lines; may be empty
 * @param x the names to the right
 * @param y the names down
 * @param valueAxis what colours measure, with the unit
 * @param values a row per name of y, a number per name of x; NaN where there is none
 */
public record HeatMap(
    String title, String subtitle, Axis x, Axis y, String valueAxis, List<List<Double>> values)
    implements Chart {

  /** The colours of viridis (Smith and van der Walt, matplotlib 2015, CC0), from low to high. */
  private static final int[] VIRIDIS = {
    0x440154, 0x482475, 0x414487, 0x355f8d, 0x2a788e, 0x21918c, 0x22a884, 0x44bf70, 0x7ad151,
    0xbddf26, 0xfde725
  };

  /**
   * Named values in their order.
   *
   * @param title what they are
   */
  public record Axis(String title, List<String> values) {
    public Axis {
      values = List.copyOf(values);
    }
  }

  /**
   * @throws DlacException if there is not a row per name of y and a value per name of x
   */
  public HeatMap {
    values = values.stream().map(List::copyOf).toList();
    int columns = x.values().size();
    if (columns == 0
        || y.values().isEmpty()
        || values.size() != y.values().size()
        || values.stream().anyMatch(row -> row.size() != columns)) {
      throw new DlacException(
          "heat map \"" + title + "\" has " + values.size() + " rows",
          y.values().size() + " rows of " + columns + " values, and at least one",
          "give a row per name of y, and in it a value per name of x");
    }
  }

  /** The lowest value; 0 if there is none. */
  double low() {
    return values.stream()
        .flatMap(List::stream)
        .filter(Double::isFinite)
        .mapToDouble(v -> v)
        .min()
        .orElse(0);
  }

  /** The highest value; 1 if there is none. */
  double high() {
    return values.stream()
        .flatMap(List::stream)
        .filter(Double::isFinite)
        .mapToDouble(v -> v)
        .max()
        .orElse(1);
  }

  /** Where a value lies between the lowest and the highest one, 0 to 1. */
  static double share(double value, double low, double high) {
    return low == high ? 0.5 : (value - low) / (high - low);
  }

  /** The colour of a share, 0 to 1. */
  static Color colour(double share) {
    double at = share * (VIRIDIS.length - 1);
    int below = (int) Math.min(VIRIDIS.length - 2, Math.floor(at));
    Color from = new Color(VIRIDIS[below]);
    Color to = new Color(VIRIDIS[below + 1]);
    double part = at - below;
    return new Color(
        mix(from.getRed(), to.getRed(), part),
        mix(from.getGreen(), to.getGreen(), part),
        mix(from.getBlue(), to.getBlue(), part));
  }

  private static int mix(int from, int to, double part) {
    return (int) Math.round(from + part * (to - from));
  }

  static String hex(Color colour) {
    return String.format(Locale.ROOT, "#%06x", colour.getRGB() & 0xffffff);
  }

  /** The chart as a table of numbers, or as digits if they are too many. */
  @Override
  public String toString() {
    return text(TEXT_COLUMNS);
  }

  /**
   * The chart as a table of numbers, whatever the width; of a map that has no numbers in its
   * picture either, a digit per value: tenths of the way from the lowest to the highest one.
   */
  @Override
  public String text(int columns) {
    String heading = title + (subtitle.isBlank() ? "" : "\n" + subtitle) + "\n" + valueAxis;
    if (!HeatDrawing.hasNumbers(this)) {
      return heading + digits();
    }
    List<Column<?>> cells = new ArrayList<>();
    cells.add(Columns.text(y.title() + " \\ " + x.title(), y.values(), name -> name));
    for (int column = 0; column < x.values().size(); column++) {
      int c = column;
      cells.add(
          Columns.text(
              x.values().get(c),
              values,
              row -> Double.isFinite(row.get(c)) ? Numbers.tick(row.get(c)) : ""));
    }
    return new Listing(heading, Columns.table(title, cells.toArray(new Column<?>[0])), false)
        .toString();
  }

  private String digits() {
    double low = low();
    double high = high();
    int wide = y.values().stream().mapToInt(String::length).max().orElse(0);
    StringBuilder text = new StringBuilder();
    text.append(", from 0 (").append(Numbers.tick(low)).append(") to 9 (");
    text.append(Numbers.tick(high)).append("); ").append(y.title()).append(" down, ");
    text.append(x.title()).append(" to the right");
    for (int row = 0; row < values.size(); row++) {
      String name = y.values().get(row);
      text.append('\n').append(" ".repeat(wide - name.length())).append(name).append("  ");
      for (double value : values.get(row)) {
        text.append(
            Double.isFinite(value)
                ? (char) ('0' + (int) Math.min(9, 10 * share(value, low, high)))
                : ' ');
      }
    }
    return text.toString();
  }
}
