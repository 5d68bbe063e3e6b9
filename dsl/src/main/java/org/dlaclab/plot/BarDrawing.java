package org.dlaclab.plot;

import java.util.List;
import java.util.stream.Collectors;
import org.dlaclab.plot.Canvas.Anchor;
import org.dlaclab.plot.Canvas.TextStyle;

/** The drawing of bars, standing. */
final class BarDrawing implements Drawing {
  private static final TextStyle VALUE = new TextStyle(10.5, false);

  private static final double MOST_PLOT_WIDTH = 2400;

  /** So much may a chart grow and still stand in a column of text without scrolling. */
  private static final double WIDER = 1.3;

  /** The part of a category's room that its group of bars fills. */
  private static final double GROUP_SHARE = 0.82;

  private static final double SINGLE_SHARE = 0.72;

  /** Room per category that a slanted label needs. */
  private static final double SLANTED_PITCH = 18;

  /** Room per category that an upright label needs: below it, labels are left out. */
  private static final double UPRIGHT_PITCH = 14.5;

  private static final double LEAST_BAR = 5;
  private static final double WIDEST_BAR = 60;
  private static final int LONGEST_LABEL = 28;

  /** The labels below the bars: shortened texts, their turn in degrees, every how many is shown. */
  record Labels(List<String> texts, int angle, int every) {}

  private final BarChart chart;
  private final Labels labels;
  private final List<Numbers.Tick> ticks;
  private final double plotWidth;
  private final double barWidth;
  private final double left;
  private final double right;
  private final Header header;
  private final double plotTop;
  private final double bottom;
  private final boolean showsValues;

  BarDrawing(BarChart chart) {
    this.chart = chart;
    ticks = Numbers.ticks(chart.top() * (1 + headroom(chart)), 6);
    plotWidth = plotWidth(chart);
    labels = labels(chart);
    double slot = slot();
    int bars = barsPerGroup(chart);
    barWidth = Math.min(WIDEST_BAR, slot * (bars > 1 ? GROUP_SHARE : SINGLE_SHARE) / bars);
    showsValues = showsValues(chart);
    double ticksWidth =
        ticks.stream().mapToDouble(t -> Drawing.width(t.label(), SMALL)).max().orElse(0);
    double leftmost = PAD + ticksWidth + 8;
    double reach = 0;
    for (int c = 0; c < labels.texts().size(); c += labels.every()) {
      double length = Drawing.width(labels.texts().get(c), SMALL);
      double slanted = Math.sin(Math.toRadians(labels.angle()));
      reach = Math.max(reach, labels.angle() == 0 ? 0 : length * slanted);
      if (labels.angle() == 45) {
        leftmost = Math.max(leftmost, PAD / 2 + length * slanted - slot * (c + 0.5));
      }
    }
    left = leftmost;
    right =
        PAD
            + (chart.reference() == null
                ? 0
                : 6 + Drawing.width(Numbers.plain(chart.reference()), SMALL));
    List<String> names = chart.hasLegend() ? names(chart) : List.of();
    header = Header.of(chart.title(), chart.subtitle(), names, chart.valueAxis(), width());
    plotTop = header.height();
    bottom = plotTop + PLOT_HEIGHT + reach + (labels.angle() == 0 ? 22 : 16) + PAD - 4;
  }

  /** Room for a value above the highest bar. */
  private static double headroom(BarChart chart) {
    return showsValues(chart) ? 0.05 : 0;
  }

  private static List<String> names(BarChart chart) {
    return chart.series().stream().map(Series::name).toList();
  }

  @Override
  public double width() {
    return Math.ceil(left + plotWidth + right);
  }

  @Override
  public double height() {
    return Math.ceil(bottom);
  }

  /** Whether the chart is too wide to be squeezed into a column of text. */
  static boolean scrolls(BarChart chart) {
    return plotWidth(chart) > WIDER * PLOT_WIDTH;
  }

  private static int barsPerGroup(BarChart chart) {
    return chart.stacked() ? 1 : chart.series().size();
  }

  private static double plotWidth(BarChart chart) {
    int categories = chart.categories().size();
    int bars = barsPerGroup(chart);
    double pitch = Math.max(SLANTED_PITCH, bars * (LEAST_BAR + 1) + 6);
    double width = Math.min(MOST_PLOT_WIDTH, Math.max(PLOT_WIDTH, categories * pitch));
    double withValues = categories * valuePitch(chart);
    return withValues > width && withValues <= WIDER * PLOT_WIDTH ? withValues : width;
  }

  /** Room per category in which a number above each bar touches no neighbour. */
  private static double valuePitch(BarChart chart) {
    int bars = barsPerGroup(chart);
    double widest = 0;
    for (int c = 0; c < chart.categories().size(); c++) {
      for (int s = 0; s < bars; s++) {
        widest = Math.max(widest, Drawing.width(valueLabel(chart, c, s), VALUE));
      }
    }
    return bars > 1 ? (widest + 2) * bars / GROUP_SHARE : widest + 3;
  }

  private double slot() {
    return plotWidth / chart.categories().size();
  }

  static Labels labels(BarChart chart) {
    List<String> texts =
        chart.categories().stream().map(c -> TextBars.shorten(c, LONGEST_LABEL)).toList();
    double slot = plotWidth(chart) / texts.size();
    double longest = texts.stream().mapToDouble(t -> Drawing.width(t, SMALL)).max().orElse(0);
    int angle = longest <= slot - 8 ? 0 : slot >= SLANTED_PITCH ? 45 : 90;
    int every = angle == 0 ? 1 : (int) Math.ceil(UPRIGHT_PITCH / slot);
    return new Labels(texts, angle, every);
  }

  @Override
  public void paint(Canvas canvas) {
    header.paint(canvas, (on, s, x, y) -> on.fill(x, y, 11, 11, Palette.color(s)));
    for (Numbers.Tick tick : ticks) {
      double y = y(tick.value());
      canvas.line(left, y, left + plotWidth, y, GRID, 1, false);
      canvas.text(left - 8, y + 4, Anchor.END, 0, SMALL, SOFT, tick.label());
    }
    if (chart.stacked()) {
      stacks(canvas);
    } else {
      groups(canvas);
    }
    canvas.line(left, y(0), left + plotWidth, y(0), AXIS, 1, false);
    if (chart.reference() != null) {
      double y = y(chart.reference());
      canvas.line(left, y, left + plotWidth, y, INK, 1.2, true);
      canvas.text(
          left + plotWidth + 6,
          y + 4,
          Anchor.START,
          0,
          SMALL,
          INK,
          Numbers.plain(chart.reference()));
    }
    if (showsValues) {
      values(canvas);
    }
    categories(canvas);
  }

  private void groups(Canvas canvas) {
    for (int c = 0; c < chart.categories().size(); c++) {
      for (int s = 0; s < chart.series().size(); s++) {
        double value = chart.series().get(s).values().get(c);
        if (Double.isNaN(value)) {
          continue;
        }
        double x = barLeft(c, s);
        // A hairline between neighbours.
        double gap = s < chart.series().size() - 1 && barWidth > 4 ? 1 : 0;
        canvas.fill(x, y(value), barWidth - gap, y(0) - y(value), Palette.color(s));
        interval(canvas, chart.series().get(s), c, x + (barWidth - gap) / 2, barWidth);
      }
    }
  }

  private void interval(Canvas canvas, Series series, int c, double x, double width) {
    if (series.low() == null || series.high() == null) {
      return;
    }
    double low = y(Math.max(0, series.low().get(c)));
    Drawing.interval(canvas, x, low, y(series.high().get(c)), Math.min(4, width / 3), INK);
  }

  private void stacks(Canvas canvas) {
    for (int c = 0; c < chart.categories().size(); c++) {
      double below = 0;
      for (int s = 0; s < chart.series().size(); s++) {
        double above = below + chart.series().get(s).values().get(c);
        canvas.fill(barLeft(c, 0), y(above), barWidth, y(below) - y(above), Palette.color(s));
        below = above;
      }
    }
  }

  private void values(Canvas canvas) {
    for (int c = 0; c < chart.categories().size(); c++) {
      for (int s = 0; s < barsPerGroup(chart); s++) {
        String text = valueLabel(chart, c, s);
        if (text.isEmpty()) {
          continue;
        }
        Series series = chart.series().get(s);
        double top =
            chart.stacked()
                ? chart.total(c)
                : series.high() == null ? series.values().get(c) : series.high().get(c);
        double x = barLeft(c, s) + barWidth / 2;
        double y = y(top) - 4;
        double width = Drawing.width(text, VALUE);
        // Paper behind the number, so that no line runs through it.
        canvas.fill(x - width / 2, y - 9, width, 10.5, PAPER);
        canvas.text(x, y, Anchor.MIDDLE, 0, VALUE, INK, text);
      }
    }
  }

  private void categories(Canvas canvas) {
    double slot = slot();
    for (int c = 0; c < chart.categories().size(); c++) {
      double x = left + slot * (c + 0.5);
      if (c % labels.every() == 0) {
        String text = labels.texts().get(c);
        double y = y(0);
        switch (labels.angle()) {
          case 0 -> canvas.text(x, y + 17, Anchor.MIDDLE, 0, SMALL, INK, text);
          case 45 -> canvas.text(x + 4, y + 13, Anchor.END, 45, SMALL, INK, text);
          default -> canvas.text(x + 4, y + 8, Anchor.END, 90, SMALL, INK, text);
        }
      }
      canvas.tip(left + slot * c, plotTop, slot, bottom - plotTop, tip(c));
    }
  }

  private String tip(int c) {
    String name = chart.categories().get(c);
    return chart.series().stream()
        .filter(s -> s.hasBar(c))
        .map(s -> s.name() + ": " + Numbers.label(s.values().get(c)))
        .collect(Collectors.joining("\n", name + "\n", ""));
  }

  private double y(double value) {
    double top = ticks.get(ticks.size() - 1).value();
    return plotTop + PLOT_HEIGHT * (1 - value / top);
  }

  private double barLeft(int category, int bar) {
    double center = left + slot() * (category + 0.5);
    return center + barWidth * (bar - barsPerGroup(chart) / 2.0);
  }

  private static String valueLabel(BarChart chart, int category, int series) {
    double value =
        chart.stacked() ? chart.total(category) : chart.series().get(series).values().get(category);
    return Double.isNaN(value) ? "" : Numbers.label(value);
  }

  private static boolean showsValues(BarChart chart) {
    return chart.categories().size() * valuePitch(chart) <= plotWidth(chart) + 1e-6;
  }
}
