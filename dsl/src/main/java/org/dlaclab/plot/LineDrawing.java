package org.dlaclab.plot;

import java.awt.Color;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.dlaclab.plot.Canvas.Anchor;
import org.dlaclab.plot.LineChart.Line;
import org.dlaclab.plot.LineChart.Mark;
import org.dlaclab.plot.LineChart.Point;

/** The drawing of lines and points. */
final class LineDrawing implements Drawing {
  private static final int TICKS_UP = 6;
  private static final int TICKS_ACROSS = 10;
  private static final double LINE = 2;
  private static final double RADIUS = 3.6;
  private static final double BAND = 0.2;

  /** A chart of more points has no tips: they would be most of its file. */
  private static final int MOST_TIPS = 600;

  static final double MARK_ROW = 16;

  /** A mark's label, and the row it stands in so that it touches no other. */
  record Label(Mark mark, double middle, int row) {}

  private final LineChart chart;
  private final double plotHeight;
  private final Scale across;
  private final Scale up;
  private final double left;
  private final Header header;
  private final List<Label> labels;
  private final double plotTop;

  /**
   * @param leastLeft where the plot begins, or further right
   */
  LineDrawing(LineChart chart, double plotHeight, double leastLeft) {
    this.chart = chart;
    this.plotHeight = plotHeight;
    across = chart.across(TICKS_ACROSS);
    up = chart.up(TICKS_UP);
    left = Math.max(leastLeft, left(chart));
    List<String> names =
        chart.hasLegend() ? chart.lines().stream().map(Line::name).toList() : List.of();
    header = Header.of(chart.title(), chart.subtitle(), names, chart.y().title(), width());
    labels = place();
    plotTop = header.height() + MARK_ROW * rows();
  }

  /** Where the plot of a chart begins, so that the ticks have room before it. */
  static double left(LineChart chart) {
    double ticks =
        chart.up(TICKS_UP).ticks().stream()
            .mapToDouble(t -> Drawing.width(t.label(), SMALL))
            .max()
            .orElse(0);
    return PAD + ticks + 8;
  }

  @Override
  public double width() {
    return Math.ceil(left + PLOT_WIDTH + PAD);
  }

  @Override
  public double height() {
    return Math.ceil(plotTop + plotHeight + 24 + (chart.x().title().isBlank() ? 0 : 18) + PAD - 6);
  }

  List<Label> labels() {
    return labels;
  }

  /** Rows of labels above the plot. */
  int rows() {
    return labels.stream().mapToInt(label -> label.row() + 1).max().orElse(0);
  }

  private List<Label> place() {
    List<Label> placed = new ArrayList<>();
    List<Double> ends = new ArrayList<>();
    for (Mark mark :
        chart.marks().stream()
            .sorted((a, b) -> Double.compare(a.x(), b.x()))
            .filter(mark -> !mark.label().isBlank())
            .toList()) {
      double half = Drawing.width(mark.label(), SMALL) / 2;
      double middle = Math.max(PAD + half, Math.min(width() - PAD - half, x(mark.x())));
      double from = middle - half;
      int row =
          IntStream.range(0, ends.size())
              .filter(r -> ends.get(r) < from - 8)
              .findFirst()
              .orElse(ends.size());
      if (row == ends.size()) {
        ends.add(0.0);
      }
      ends.set(row, middle + half);
      placed.add(new Label(mark, middle, row));
    }
    return placed;
  }

  @Override
  public void paint(Canvas canvas) {
    header.paint(canvas, this::swatch);
    axes(canvas);
    for (int l = 0; l < chart.lines().size(); l++) {
      band(canvas, chart.lines().get(l), Palette.color(l));
    }
    marks(canvas);
    for (int l = 0; l < chart.lines().size(); l++) {
      line(canvas, chart.lines().get(l), l);
    }
    tips(canvas);
  }

  private void swatch(Canvas canvas, int line, double x, double y) {
    Color color = Palette.color(line);
    if (chart.lines().get(line).style().joins()) {
      canvas.path(new double[] {x - 1, y + 5.5, x + 12, y + 5.5}, color, LINE);
    }
    if (chart.lines().get(line).style().marks()) {
      canvas.area(marker(line, x + 5.5, y + 5.5, RADIUS + 0.6), color, 1);
    }
  }

  private void axes(Canvas canvas) {
    double bottom = plotTop + plotHeight;
    for (Numbers.Tick tick : up.ticks()) {
      double y = y(tick.value());
      canvas.line(left, y, left + PLOT_WIDTH, y, GRID, 1, false);
      canvas.text(left - 8, y + 4, Anchor.END, 0, SMALL, SOFT, tick.label());
    }
    for (Numbers.Tick tick : across.ticks()) {
      double x = x(tick.value());
      canvas.line(x, bottom, x, bottom + 4, AXIS, 1, false);
      canvas.text(x, bottom + 17, Anchor.MIDDLE, 0, SMALL, SOFT, tick.label());
    }
    canvas.line(left, bottom, left + PLOT_WIDTH, bottom, AXIS, 1, false);
    if (!chart.x().title().isBlank()) {
      double middle = left + PLOT_WIDTH / 2;
      canvas.text(middle, bottom + 36, Anchor.MIDDLE, 0, SMALL, SOFT, chart.x().title());
    }
  }

  private void marks(Canvas canvas) {
    for (Mark mark : chart.marks()) {
      double x = x(mark.x());
      canvas.line(x, plotTop, x, plotTop + plotHeight, SOFT, 1.2, true);
    }
    for (Label label : labels) {
      double y = plotTop - 5 - MARK_ROW * label.row();
      canvas.text(label.middle(), y, Anchor.MIDDLE, 0, SMALL, INK, label.mark().label());
    }
  }

  private void band(Canvas canvas, Line line, Color color) {
    if (line.style().marks()) {
      return;
    }
    for (List<Point> part : chart.bands(line)) {
      int n = part.size();
      double[] around = new double[4 * n];
      for (int i = 0; i < n; i++) {
        Point point = part.get(i);
        around[2 * i] = x(point.x());
        around[2 * i + 1] = y(point.high());
        around[4 * n - 2 - 2 * i] = x(point.x());
        around[4 * n - 1 - 2 * i] = y(point.low());
      }
      canvas.area(around, color, BAND);
    }
  }

  private void line(Canvas canvas, Line line, int number) {
    Color color = Palette.color(number);
    for (List<Point> part : chart.parts(line)) {
      if (line.style().joins() && part.size() > 1) {
        double[] points =
            part.stream().flatMapToDouble(p -> DoubleStream.of(x(p.x()), y(p.y()))).toArray();
        canvas.path(points, color, LINE);
      }
      for (Point point : part) {
        double x = x(point.x());
        double y = y(point.y());
        if (chart.showsInterval(point) && (line.style().marks() || part.size() == 1)) {
          Drawing.interval(canvas, x, y(point.low()), y(point.high()), 4, color);
        }
        // A point between two gaps has no line that would show it.
        if (line.style().marks() || part.size() == 1) {
          canvas.area(marker(number, x, y, RADIUS), color, 1);
        }
      }
    }
  }

  /** The outline of a marker: neighbours differ in form too, for who sees no colours. */
  private static double[] marker(int line, double x, double y, double radius) {
    return switch (line % 5) {
      case 0 -> polygon(x, y, radius, 24, 0);
      case 1 -> polygon(x, y, radius * 1.2, 4, Math.PI / 4);
      case 2 -> polygon(x, y, radius * 1.3, 3, -Math.PI / 2);
      case 3 -> polygon(x, y, radius * 1.3, 4, 0);
      default -> polygon(x, y, radius * 1.3, 3, Math.PI / 2);
    };
  }

  private static double[] polygon(double x, double y, double radius, int corners, double from) {
    double[] points = new double[2 * corners];
    for (int c = 0; c < corners; c++) {
      double angle = from + 2 * Math.PI * c / corners;
      points[2 * c] = x + radius * Math.cos(angle);
      points[2 * c + 1] = y + radius * Math.sin(angle);
    }
    return points;
  }

  private void tips(Canvas canvas) {
    int all = chart.lines().stream().mapToInt(line -> chart.shown(line).size()).sum();
    if (all > MOST_TIPS) {
      return;
    }
    for (Line line : chart.lines()) {
      for (Point point : chart.shown(line)) {
        String interval =
            chart.showsInterval(point)
                ? " [" + Numbers.tick(point.low()) + ", " + Numbers.tick(point.high()) + "]"
                : "";
        canvas.tip(
            x(point.x()) - 5,
            y(point.y()) - 5,
            10,
            10,
            (point.name().isEmpty() ? "" : point.name() + ", ")
                + line.name()
                + "\n"
                + Numbers.tick(point.x())
                + ": "
                + Numbers.tick(point.y())
                + interval);
      }
    }
  }

  private double x(double value) {
    return left + PLOT_WIDTH * across.at(value);
  }

  private double y(double value) {
    return plotTop + plotHeight * (1 - up.at(value));
  }
}
