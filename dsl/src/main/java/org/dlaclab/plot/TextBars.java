package org.dlaclab.plot;

import java.util.ArrayList;
import java.util.List;
import org.dlaclab.error.Check;

/** Charts for a terminal: lying bars of Unicode's block elements. */
final class TextBars {
  /** Left parts of a cell, in eighths. */
  private static final String EIGHTHS = " ▏▎▍▌▋▊▉█";

  /** Fills of the series, neighbours unlike; only the first can end within a cell. */
  private static final String FILLS = "█▒▚░▓═▞╌";

  private static final String NOTHING = "-";
  private static final char REFERENCE = '┊';
  private static final int LONGEST_LABEL = 28;
  static final int LEAST_COLUMNS = 40;
  private static final int LEAST_BAR = 10;

  private TextBars() {}

  /** One printed bar: who, which fill (or all, stacked), and what is written behind it. */
  private record Line(String label, int category, int series, String value) {}

  static String of(BarChart chart, int columns) {
    Check.atLeast("columns", columns, LEAST_COLUMNS);
    List<Line> lines = lines(chart);
    int label = lines.stream().mapToInt(l -> length(l.label())).max().orElse(0);
    int value = lines.stream().mapToInt(l -> length(l.value())).max().orElse(0);
    int width = Math.max(LEAST_BAR, columns - label - value - 2);
    double top = chart.top() > 0 ? chart.top() : 1;

    List<String> out = new ArrayList<>();
    out.add(chart.title());
    if (!chart.subtitle().isBlank()) {
      out.add(chart.subtitle());
    }
    out.addAll(legend(chart, columns));
    for (Line line : lines) {
      String bar =
          line.series() < 0
              ? stack(chart, line.category(), top, width)
              : bar(
                  chart.series().get(line.series()).values().get(line.category()) / top,
                  width,
                  fill(line.series()));
      out.add(
          (pad(line.label(), label) + " " + marked(bar, chart, top, width) + " " + line.value())
              .stripTrailing());
    }
    return String.join("\n", out);
  }

  private static List<Line> lines(BarChart chart) {
    List<Line> lines = new ArrayList<>();
    for (int c = 0; c < chart.categories().size(); c++) {
      String label = shorten(chart.categories().get(c), LONGEST_LABEL);
      if (chart.stacked()) {
        lines.add(new Line(label, c, -1, Numbers.label(chart.total(c))));
      } else {
        for (int s = 0; s < chart.series().size(); s++) {
          lines.add(new Line(s == 0 ? label : "", c, s, value(chart.series().get(s), c)));
        }
      }
    }
    return lines;
  }

  private static String value(Series series, int category) {
    if (!series.hasBar(category)) {
      return NOTHING;
    }
    String value = Numbers.label(series.values().get(category));
    return series.low() == null || series.high() == null
        ? value
        : value
            + " ["
            + Numbers.label(Math.max(0, series.low().get(category)))
            + ", "
            + Numbers.label(series.high().get(category))
            + "]";
  }

  private static List<String> legend(BarChart chart, int columns) {
    List<String> entries = new ArrayList<>();
    if (chart.series().size() > 1 || chart.stacked()) {
      for (int s = 0; s < chart.series().size(); s++) {
        entries.add(String.valueOf(fill(s)).repeat(2) + " " + chart.series().get(s).name());
      }
    }
    if (chart.reference() != null) {
      entries.add(REFERENCE + " " + Numbers.plain(chart.reference()));
    }
    return legend(chart.valueAxis(), entries, columns);
  }

  /** What the values are, and who is who, in lines of at most that many columns. */
  static List<String> legend(String valueAxis, List<String> series, int columns) {
    List<String> entries = new ArrayList<>(series);
    if (!valueAxis.isBlank()) {
      entries.add(0, entries.isEmpty() ? valueAxis : valueAxis + ":");
    }
    List<String> lines = new ArrayList<>(List.of(""));
    for (String entry : entries) {
      String last = lines.get(lines.size() - 1);
      if (!last.isEmpty() && length(last) + 2 + length(entry) > columns) {
        lines.add(entry);
      } else {
        lines.set(lines.size() - 1, last.isEmpty() ? entry : last + "  " + entry);
      }
    }
    return entries.isEmpty() ? List.of() : lines;
  }

  /**
   * A bar of {@code fraction} of the width, exact to an eighth of a cell where the fill has
   * eighths.
   */
  static String bar(double fraction, int width, char fill) {
    if (fill != FILLS.charAt(0)) {
      return pad(String.valueOf(fill).repeat((int) Math.round(fraction * width)), width);
    }
    int eighths = (int) Math.round(fraction * width * 8);
    String bar = String.valueOf(fill).repeat(eighths / 8);
    return pad(eighths % 8 == 0 ? bar : bar + EIGHTHS.charAt(eighths % 8), width);
  }

  /** The ends of the parts are rounded, not their lengths: the whole stays proportional. */
  private static String stack(BarChart chart, int category, double top, int width) {
    StringBuilder bar = new StringBuilder();
    double sum = 0;
    for (int s = 0; s < chart.series().size(); s++) {
      sum += chart.series().get(s).values().get(category);
      int end = (int) Math.round(sum / top * width);
      bar.append(String.valueOf(fill(s)).repeat(Math.max(0, end - bar.length())));
    }
    return pad(bar.toString(), width);
  }

  private static String marked(String bar, BarChart chart, double top, int width) {
    if (chart.reference() == null) {
      return bar;
    }
    int at = Math.min(width - 1, (int) (chart.reference() / top * width));
    return bar.charAt(at) == ' ' ? bar.substring(0, at) + REFERENCE + bar.substring(at + 1) : bar;
  }

  private static char fill(int series) {
    return FILLS.charAt(series % FILLS.length());
  }

  /** The text, or its beginning and its end around an ellipsis: layers differ at the end. */
  static String shorten(String text, int longest) {
    if (length(text) <= longest) {
      return text;
    }
    int[] points = text.codePoints().toArray();
    int tail = longest / 2;
    int head = longest - tail - 1;
    return new String(points, 0, head) + "…" + new String(points, points.length - tail, tail);
  }

  private static String pad(String text, int width) {
    return text + " ".repeat(Math.max(0, width - length(text)));
  }

  private static int length(String text) {
    return text.codePointCount(0, text.length());
  }
}
