package org.dlaclab.plot;

import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.dlaclab.error.DlacException;
import org.dlaclab.table.Html;
import org.dlaclab.table.Output;
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
    implements Block {

  /** The columns of {@link #toString}. */
  private static final int TEXT_COLUMNS = 100;

  /** Pixels of the PNG per unit of the picture: sharp on the dense screens of today. */
  static final int SCALE = 2;

  /**
   * @throws DlacException if there is no category or no series, if a name comes twice, if a series
   *     has not one value per category, if a value is negative, infinite or not a number, if an
   *     interval does not hold its value, or if a stacked chart has intervals
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

  /** The chart as data, layout and config of plotly.js 2.34 or later, and 3. */
  public String json() {
    return Plotly.json(this);
  }

  /** A page with the interactive chart that needs no network. */
  public String html() {
    return Html.document(title, Plotly.script() + "\n" + fragment("chart"));
  }

  /**
   * The interactive chart for a page that holds {@link Plotly#script()} before it. Without script,
   * the static picture stays in its place.
   *
   * @param id unique in the page: a letter, then letters, digits, hyphens and underscores
   */
  public String fragment(String id) {
    return Plotly.frame(this, id) + "\n" + Plotly.start(this, id);
  }

  /** The static picture as SVG; its text is text. */
  public String svg() {
    return Picture.svg(this);
  }

  /** The static picture as pixels, two for each unit of the SVG in both directions. */
  public BufferedImage image() {
    return Picture.image(this, SCALE);
  }

  /** {@link #image()} as PNG. */
  public byte[] png() {
    return Png.of(image());
  }

  /**
   * Writes the chart in the form of the file's ending: .svg, .png, .html, .json or .txt.
   *
   * @return {@code file}
   * @throws DlacException if the ending is another, or the file cannot be written
   */
  public Path save(Path file) {
    SortedMap<String, Supplier<byte[]>> forms = new TreeMap<>();
    forms.put(".svg", Output.utf8(this::svg));
    forms.put(".png", this::png);
    forms.put(".html", Output.utf8(this::html));
    forms.put(".json", Output.utf8(this::json));
    forms.put(".txt", Output.utf8(() -> this + "\n"));
    return Output.save(file, forms);
  }

  /** As {@link #save(Path)}. */
  public Path save(String file) {
    return save(Path.of(file));
  }

  /** The chart as lying bars of text, 100 columns wide. */
  @Override
  public String toString() {
    return text(TEXT_COLUMNS);
  }

  /**
   * The chart as lying bars of text.
   *
   * @param columns the width of the terminal, at least 40
   */
  public String text(int columns) {
    return TextBars.of(this, columns);
  }

  /** The largest value, upper end, stack or reference: what the value axis must hold. */
  double top() {
    double top = reference == null ? 0 : reference;
    for (int c = 0; c < categories.size(); c++) {
      top = Math.max(top, stacked ? total(c) : 0);
      for (Series s : series) {
        top = Math.max(top, s.high() == null ? s.values().get(c) : s.high().get(c));
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
        checkValue(where + ", category \"" + categories.get(c) + "\"", s, c);
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
