package org.dlaclab.plot;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.dlaclab.error.Check;
import org.dlaclab.error.DlacException;
import tech.tablesaw.plotly.components.Figure;

/**
 * Points over a numeric axis, joined by lines or not: how an error falls over epochs, or what each
 * of many grids costs and gains.
 *
 * <p>A point whose y is not a number, is infinite, or is not above 0 on a logarithmic axis is not
 * shown, and its line has a gap there.
 *
 * @param title what the chart shows
 * @param subtitle of what, one or two lines; may be empty
 * @param x the axis to the right
 * @param y the axis up
 * @param lines what is shown, at least one
 * @param marks places on the x axis to point at; may be empty
 */
public record LineChart(
    String title, String subtitle, Axis x, Axis y, List<Line> lines, List<Mark> marks)
    implements Chart {

  /**
   * An axis.
   *
   * @param title what it measures, with the unit; may be empty
   * @param log whether equal steps are equal factors
   */
  public record Axis(String title, boolean log) {
    /** An axis of equal steps. */
    public static Axis linear(String title) {
      return new Axis(title, false);
    }

    /** A logarithmic axis. */
    public static Axis log(String title) {
      return new Axis(title, true);
    }

    /** Whether a value has a place on the axis. */
    boolean shows(double value) {
      return Double.isFinite(value) && (!log || value > 0);
    }
  }

  /**
   * A point, and where known the interval that holds its y.
   *
   * @param name what the point stands for, seen when pointing at it; may be empty
   * @param low the lower end of the interval; NaN for no interval
   * @param high the upper end; NaN for no interval
   */
  public record Point(String name, double x, double y, double low, double high) {
    /** A point without a name. */
    public Point(double x, double y, double low, double high) {
      this("", x, y, low, high);
    }

    /** A point without an interval. */
    public Point(String name, double x, double y) {
      this(name, x, y, Double.NaN, Double.NaN);
    }

    /** A point without a name and an interval. */
    public Point(double x, double y) {
      this("", x, y);
    }

    boolean hasInterval() {
      return !Double.isNaN(low) && !Double.isNaN(high);
    }
  }

  /** How points are drawn. */
  public enum Style {
    /** Joined in their order; intervals as a band. */
    LINE,
    /** Each by itself, as in a scatter plot; intervals as error bars. */
    MARKERS,
    /** Joined, and each by itself; intervals as error bars. */
    LINE_AND_MARKERS;

    boolean joins() {
      return this != MARKERS;
    }

    boolean marks() {
      return this != LINE;
    }
  }

  /**
   * Points that belong together.
   *
   * @param name the name in the legend
   * @param points in the order in which a line joins them; may be empty, such as before the first
   *     epoch
   */
  public record Line(String name, Style style, List<Point> points) {
    /**
     * @throws DlacException if the name is empty
     */
    public Line {
      Check.named("a line of a chart", name);
      points = List.copyOf(points);
    }

    /**
     * Points from their coordinates.
     *
     * @throws DlacException if there are not as many of each
     */
    public static Line of(String name, Style style, double[] x, double[] y) {
      if (x.length != y.length) {
        throw new DlacException(
            "line \"" + name + "\" has " + x.length + " x, but " + y.length + " y",
            "as many of each",
            "give one y per x");
      }
      return new Line(
          name, style, IntStream.range(0, x.length).mapToObj(i -> new Point(x[i], y[i])).toList());
    }

    /** Joined points at x = 1, 2, 3 and so on, such as one per epoch. */
    public static Line of(String name, double... y) {
      return of(name, Style.LINE, IntStream.rangeClosed(1, y.length).asDoubleStream().toArray(), y);
    }
  }

  /**
   * An upright line across the chart.
   *
   * @param x where
   * @param label what happened there
   */
  public record Mark(double x, String label) {}

  /**
   * @throws DlacException if there is no line, if a name comes twice, if an x is not a number, is
   *     infinite or, on a logarithmic axis, not above 0, or if an interval does not hold its y
   */
  public LineChart {
    lines = List.copyOf(lines);
    marks = List.copyOf(marks);
    check(title, x, lines, marks);
  }

  /** A chart without marks. */
  public LineChart(String title, String subtitle, Axis x, Axis y, Line... lines) {
    this(title, subtitle, x, y, List.of(lines), List.of());
  }

  /** This chart with one more mark. */
  public LineChart withMark(double at, String label) {
    return new LineChart(
        title,
        subtitle,
        x,
        y,
        lines,
        Stream.concat(marks.stream(), Stream.of(new Mark(at, label))).toList());
  }

  /** The chart for tablesaw's plotting library: points and titles, no intervals, no marks. */
  public Figure figure() {
    return Plotly.figure(this);
  }

  /** The chart as a plot of characters, 100 columns wide. */
  @Override
  public String toString() {
    return text(TEXT_COLUMNS);
  }

  /** The chart as a plot of characters. */
  @Override
  public String text(int columns) {
    return TextLines.of(this, columns);
  }

  boolean hasLegend() {
    return lines.size() > 1;
  }

  /** The parts of a line without a gap. */
  List<List<Point>> parts(Line line) {
    List<List<Point>> parts = new ArrayList<>(List.of(new ArrayList<>()));
    for (Point point : line.points()) {
      if (y.shows(point.y())) {
        parts.get(parts.size() - 1).add(point);
      } else {
        parts.add(new ArrayList<>());
      }
    }
    parts.removeIf(List::isEmpty);
    return parts;
  }

  /** The points of a line that show. */
  List<Point> shown(Line line) {
    return line.points().stream().filter(p -> y.shows(p.y())).toList();
  }

  /** The bands of a line: parts of it where each point has an interval that shows. */
  List<List<Point>> bands(Line line) {
    Line known =
        new Line(
            line.name(),
            line.style(),
            line.points().stream()
                .map(p -> showsInterval(p) ? p : new Point(p.x(), Double.NaN))
                .toList());
    return parts(known).stream().filter(part -> part.size() > 1).toList();
  }

  /** Whether points stand for something by themselves, such as a layer. */
  boolean hasNames() {
    return lines.stream()
        .flatMap(line -> line.points().stream())
        .anyMatch(p -> !p.name().isEmpty());
  }

  boolean showsInterval(Point point) {
    return y.shows(point.y()) && y.shows(point.low()) && y.shows(point.high());
  }

  /** Where the x axis is, with about {@code wanted} ticks. */
  Scale across(int wanted) {
    DoubleStream points =
        lines.stream().flatMap(line -> shown(line).stream()).mapToDouble(Point::x);
    return Scale.of(
        x,
        DoubleStream.concat(points, marks.stream().mapToDouble(Mark::x)).toArray(),
        wanted,
        true);
  }

  /** Where the y axis is, with about {@code wanted} ticks. */
  Scale up(int wanted) {
    return Scale.of(
        y,
        lines.stream()
            .flatMap(line -> shown(line).stream())
            .flatMapToDouble(
                p ->
                    showsInterval(p)
                        ? Arrays.stream(new double[] {p.low(), p.y(), p.high()})
                        : DoubleStream.of(p.y()))
            .toArray(),
        wanted,
        false);
  }

  private static void check(String title, Axis x, List<Line> lines, List<Mark> marks) {
    String chart = "chart \"" + title + "\"";
    if (lines.isEmpty()) {
      throw new DlacException(chart + " has no lines", "at least one line", "give it a line");
    }
    Set<String> names = new HashSet<>();
    for (Line line : lines) {
      String where = chart + ", line \"" + line.name() + "\"";
      if (!names.add(line.name())) {
        throw new DlacException(where + " comes twice", "different names", "number equal names");
      }
      for (int i = 0; i < line.points().size(); i++) {
        Point point = line.points().get(i);
        usable(where + ", x of point " + (i + 1), x, point.x());
        if (point.hasInterval()
            && Double.isFinite(point.y())
            && !(point.low() <= point.y() && point.y() <= point.high())) {
          throw new DlacException(
              where
                  + ", point "
                  + (i + 1)
                  + " has y "
                  + point.y()
                  + " outside its interval "
                  + point.low()
                  + " to "
                  + point.high(),
              "low <= y <= high",
              "check the order of low and high");
        }
      }
    }
    for (Mark mark : marks) {
      usable(chart + ", mark \"" + mark.label() + "\", x", x, mark.x());
    }
  }

  private static void usable(String what, Axis axis, double value) {
    if (!axis.shows(value)) {
      throw new DlacException(
          what + " is " + value,
          axis.log() ? "a finite number above 0, as the axis is logarithmic" : "a finite number",
          "leave this point out");
    }
  }
}
