package org.dlaclab.plot;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.dlaclab.error.DlacException;
import org.jspecify.annotations.Nullable;
import tech.tablesaw.plotly.components.Figure;

/**
 * Bars: one group per category and one bar per series, or one bar per category with the series
 * stacked.
 *
 * @param title what the chart shows
 * @param subtitle of what, one or two lines; may be empty
 * @param valueAxis the name of the value axis, with its unit
 * @param categories the names below the bars, all different
 * @param series the values, in the order of the categories; stacked, the first lies lowest
 * @param stacked whether the values of a category add up
 * @param reference a value to compare with, drawn as a dashed line across the chart; null for none
 */
public record BarChart(
    String title,
    String subtitle,
    String valueAxis,
    List<String> categories,
    List<Series> series,
    boolean stacked,
    @Nullable Double reference)
    implements Chart {

  /**
   * @throws DlacException if there is no category or no series, if a name comes twice, if a series
   *     has not one value per category, if a value is negative or infinite, if an interval does not
   *     hold its value, or if a stacked chart has intervals or values that are not a number
   */
  public BarChart {
    categories = List.copyOf(categories);
    series = List.copyOf(series);
    check(title, categories, series, stacked, reference);
  }

  /** A chart without a reference line. */
  public BarChart(
      String title,
      String subtitle,
      String valueAxis,
      List<String> categories,
      List<Series> series,
      boolean stacked) {
    this(title, subtitle, valueAxis, categories, series, stacked, null);
  }

  /** This chart with a dashed line at {@code value}, for example at speedup 1. */
  public BarChart withReference(double value) {
    return new BarChart(title, subtitle, valueAxis, categories, series, stacked, value);
  }

  /** The chart for tablesaw's plotting library: bars and titles, no intervals, no reference. */
  public Figure figure() {
    return Plotly.figure(this);
  }

  /** The chart as lying bars of text, 100 columns wide. */
  @Override
  public String toString() {
    return text(TEXT_COLUMNS);
  }

  /** The chart as lying bars of text. */
  @Override
  public String text(int columns) {
    return TextBars.of(this, columns);
  }

  boolean hasLegend() {
    return series.size() > 1 || stacked;
  }

  /** The largest value, upper end, stack or reference: what the value axis must hold. */
  double top() {
    double top = reference == null ? 0 : reference;
    for (int c = 0; c < categories.size(); c++) {
      top = Math.max(top, stacked ? total(c) : 0);
      for (Series s : series) {
        if (s.hasBar(c)) {
          top = Math.max(top, s.high() == null ? s.values().get(c) : s.high().get(c));
        }
      }
    }
    return top;
  }

  /** The sum of the values of one category. */
  double total(int category) {
    return series.stream().mapToDouble(s -> s.values().get(category)).sum();
  }

  private static void check(
      String title,
      List<String> categories,
      List<Series> series,
      boolean stacked,
      @Nullable Double reference) {
    String chart = "chart \"" + title + "\"";
    if (categories.isEmpty() || series.isEmpty()) {
      throw new DlacException(
          chart + " has no " + (categories.isEmpty() ? "categories" : "series"),
          "at least one category and one series",
          "chart a result that is not empty");
    }
    distinct(chart + ", category", categories);
    distinct(chart + ", series", series.stream().map(Series::name).toList());
    for (Series s : series) {
      String where = chart + ", series \"" + s.name() + "\"";
      if (s.values().size() != categories.size()) {
        throw new DlacException(
            where
                + " has "
                + s.values().size()
                + " values for "
                + categories.size()
                + " categories",
            "one value per category",
            "give " + categories.size() + " values");
      }
      if (stacked && s.low() != null) {
        throw new DlacException(
            where + " has intervals, but the chart is stacked",
            "intervals only where bars stand side by side",
            "leave the intervals out, or set stacked to false");
      }
      for (int c = 0; c < categories.size(); c++) {
        if (stacked || s.hasBar(c)) {
          checkValue(where + ", category \"" + categories.get(c) + "\"", s, c);
        }
      }
    }
    if (reference != null) {
      usable(chart + ", reference", reference);
    }
  }

  private static void checkValue(String where, Series s, int c) {
    double value = s.values().get(c);
    usable(where, value);
    if (s.low() != null && s.high() != null) {
      double low = s.low().get(c);
      double high = s.high().get(c);
      if (!(low <= value && value <= high) || Double.isInfinite(low) || Double.isInfinite(high)) {
        throw new DlacException(
            where + " has the value " + value + " outside its interval " + low + " to " + high,
            "low <= value <= high, all finite",
            "check the order of low and high");
      }
    }
  }

  private static void usable(String where, double value) {
    if (!(value >= 0) || Double.isInfinite(value)) {
      throw new DlacException(
          where + " is " + value, "a finite number of at least 0", "leave this category out");
    }
  }

  private static void distinct(String what, List<String> names) {
    Set<String> seen = new HashSet<>();
    for (String name : names) {
      if (!seen.add(name)) {
        throw new DlacException(
            what + " \"" + name + "\" comes twice", "different names", "number equal names");
      }
    }
  }
}
