package org.dlaclab.explore;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.dlaclab.error.Check;
import org.dlaclab.error.DlacException;
import org.dlaclab.plot.HeatMap;
import org.dlaclab.plot.LineChart;
import org.dlaclab.table.Columns;
import org.dlaclab.table.Listing;
import tech.tablesaw.api.Table;
import tech.tablesaw.columns.Column;

/**
 * What a {@link Sweep} came to. Points that failed, or that a stopped sweep has not simulated, have
 * no figures, and no analysis looks at them.
 *
 * @param name of the sweep
 * @param axes what varied
 * @param points in the order of their numbers
 * @param factorial whether these are all combinations, but for those that constraints left out
 * @param excluded how many combinations each constraint left out
 */
public record Exploration(
    String name,
    List<Axis> axes,
    List<Point> points,
    boolean factorial,
    Map<String, Integer> excluded) {
  private static final List<String> QUARTERS =
      List.of("worst quarter", "third quarter", "second quarter", "best quarter");

  public Exploration {
    axes = List.copyOf(axes);
    points = List.copyOf(points);
    excluded = Collections.unmodifiableMap(new LinkedHashMap<>(excluded));
  }

  /** What best is while a sweep runs: cycles of different work say nothing. */
  static Metric headlineMetric(List<Axis> axes) {
    return axes.stream().anyMatch(Axis::changesWork) ? Metric.SPEEDUP : Metric.CYCLES;
  }

  /** Whether each point has figures or an error; otherwise the sweep was stopped. */
  public boolean complete() {
    return points.stream().allMatch(p -> p.succeeded() || !p.failure().isEmpty());
  }

  /** The points with figures. */
  public List<Point> succeeded() {
    return points.stream().filter(Point::succeeded).toList();
  }

  /** The points that failed, each with its error. */
  public List<Point> failed() {
    return points.stream().filter(p -> !p.failure().isEmpty()).toList();
  }

  void requireFigures() {
    if (succeeded().isEmpty()) {
      throw new DlacException(
          "sweep \"" + name + "\" has no point with figures",
          "one or more",
          failed().isEmpty() ? "let it run" : "look at the errors: " + failed().get(0).failure());
    }
  }

  /**
   * The points that have all of these figures.
   *
   * @throws DlacException if there are points with figures, and none has these
   */
  List<Point> having(Metric... metrics) {
    List<Point> all = succeeded();
    List<Point> having =
        all.stream()
            .filter(p -> Arrays.stream(metrics).noneMatch(m -> Double.isNaN(p.figure(m))))
            .toList();
    if (having.isEmpty() && !all.isEmpty()) {
      List<Metric> missing =
          Arrays.stream(metrics)
              .filter(m -> all.stream().allMatch(p -> Double.isNaN(p.figure(m))))
              .toList();
      throw new DlacException(
          "no point of sweep \""
              + name
              + "\" has "
              + (missing.isEmpty() ? List.of(metrics) : missing)
                  .stream().map(Metric::title).collect(Collectors.joining(" and ")),
          "one or more",
          Arrays.asList(metrics).contains(Metric.ACCURACY)
              ? "add accuracy(trained), or accuracy(\"name\", policy -> ...) of your own"
              : "take another metric");
    }
    return having;
  }

  /**
   * As {@link #points}, from the one that is best by a metric on; those without it are not there.
   */
  public List<Point> ranked(Metric by) {
    return having(by).stream()
        .sorted(Comparator.comparingDouble((Point p) -> by.cost(p.figure(by))))
        .toList();
  }

  /**
   * The points within budgets, and those without figures: {@code sweep.within(atMost(AREA,
   * 2)).pareto(CYCLES, ENERGY)}. It says how many each budget leaves out.
   */
  public Exploration within(Limit... limits) {
    Map<String, Integer> left = new LinkedHashMap<>(excluded);
    List<Point> kept = new ArrayList<>(points);
    for (Limit limit : limits) {
      having(limit.metric());
      int before = kept.size();
      kept.removeIf(p -> p.succeeded() && !limit.holds(p));
      if (kept.size() < before) {
        left.merge(limit.toString(), before - kept.size(), Integer::sum);
      }
    }
    return new Exploration(name, axes, kept, factorial, left);
  }

  /**
   * The best point by a metric, of those within the budgets: {@code best(CYCLES, atMost(PES,
   * 256))}.
   *
   * @throws DlacException if no point is within them
   */
  public Point best(Metric objective, Limit... limits) {
    return within(limits).ranked(objective).stream()
        .findFirst()
        .orElseThrow(() -> noneWithin(limits));
  }

  private DlacException noneWithin(Limit... limits) {
    String nearest =
        Arrays.stream(limits)
            .filter(limit -> succeeded().stream().noneMatch(limit::holds))
            .map(
                limit ->
                    succeeded().stream()
                        .map(p -> p.figure(limit.metric()))
                        .min(Comparator.comparingDouble(v -> limit.atMost() ? v : -v))
                        .map(limit.metric()::text)
                        .orElse("no figures"))
            .collect(Collectors.joining(", "));
    return new DlacException(
        "no point of sweep \""
            + name
            + "\" has "
            + Arrays.stream(limits).map(Limit::toString).collect(Collectors.joining(" and ")),
        "a budget that one of its " + succeeded().size() + " points meets",
        nearest.isEmpty()
            ? "loosen one of them: points meet each, but not together"
            : "the nearest has " + nearest);
  }

  /**
   * The points that no other point beats in all of two or three metrics: {@code pareto(CYCLES,
   * PES)}.
   *
   * @throws DlacException if there are fewer or more metrics, or no point has figures
   */
  public Front pareto(Metric... metrics) {
    return Front.of(this, List.of(metrics));
  }

  /** How much of the variance of a metric each axis explains. */
  public Sensitivity sensitivity(Metric metric) {
    return Sensitivity.of(this, metric);
  }

  /** A point each, by two metrics. */
  public LineChart scatter(Metric x, Metric y) {
    return scatter(x, y, List.of(line("points", x, y, having(x, y))));
  }

  /**
   * A point each, by two metrics, told apart by an axis: {@code scatter(PES, CYCLES, "window")}.
   */
  public LineChart scatter(Metric x, Metric y, String axis) {
    int index = axis(axis);
    List<Point> having = having(x, y);
    return scatter(
        x,
        y,
        axes.get(index).levels().stream()
            .map(
                level ->
                    line(
                        axis + " " + level.text(),
                        x,
                        y,
                        having.stream().filter(p -> p.levels().get(index).equals(level)).toList()))
            .toList());
  }

  private LineChart scatter(Metric x, Metric y, List<LineChart.Line> lines) {
    return new LineChart(
        y.title() + " and " + x.title(),
        headline(),
        LineChart.Axis.linear(x.title()),
        LineChart.Axis.linear(y.title()),
        lines,
        List.of());
  }

  static LineChart.Line line(String name, Metric x, Metric y, List<Point> points) {
    return new LineChart.Line(
        name,
        LineChart.Style.MARKERS,
        points.stream().map(p -> new LineChart.Point(p.figure(x), p.figure(y))).toList());
  }

  /**
   * A line per point across its values and its figure, the best by that figure on top: which values
   * good points share. Values of an axis stand from the first to the last, the figure from the
   * lowest to the highest.
   */
  public LineChart parallelCoordinates(Metric metric) {
    List<Point> worstFirst = new ArrayList<>(ranked(metric));
    Collections.reverse(worstFirst);
    double low = worstFirst.stream().mapToDouble(p -> p.figure(metric)).min().orElse(0);
    double high = worstFirst.stream().mapToDouble(p -> p.figure(metric)).max().orElse(1);
    List<LineChart.Line> lines = new ArrayList<>();
    for (int quarter = 0; quarter < QUARTERS.size(); quarter++) {
      List<LineChart.Point> along = new ArrayList<>();
      int from = worstFirst.size() * quarter / QUARTERS.size();
      int to = worstFirst.size() * (quarter + 1) / QUARTERS.size();
      for (Point point : worstFirst.subList(from, to)) {
        int[] indices = indices(point);
        for (int axis = 0; axis < indices.length; axis++) {
          int last = axes.get(axis).levels().size() - 1;
          along.add(new LineChart.Point(axis, last == 0 ? 0.5 : (double) indices[axis] / last));
        }
        double figure = point.figure(metric);
        along.add(
            new LineChart.Point(axes.size(), low == high ? 0.5 : (figure - low) / (high - low)));
        // A gap between this point's line and the next.
        along.add(new LineChart.Point(axes.size(), Double.NaN));
      }
      lines.add(new LineChart.Line(QUARTERS.get(quarter), LineChart.Style.LINE, along));
    }
    List<LineChart.Mark> marks = new ArrayList<>();
    for (int axis = 0; axis < axes.size(); axis++) {
      marks.add(new LineChart.Mark(axis, axes.get(axis).name()));
    }
    marks.add(new LineChart.Mark(axes.size(), metric.title()));
    return new LineChart(
        "Points by " + metric.title(),
        headline(),
        LineChart.Axis.linear(""),
        LineChart.Axis.linear("from the first or lowest value (0) to the last or highest (1)"),
        lines,
        marks);
  }

  /**
   * A figure over two axes, the mean over all others: {@code heatmap("window", "pes", CYCLES)}. A
   * combination that no point has is empty.
   */
  public HeatMap heatmap(String across, String down, Metric metric) {
    int x = axis(across);
    int y = axis(down);
    if (x == y) {
      throw new DlacException(
          "a heat map of " + across + " over itself",
          "two parameters",
          "sweep \"" + name + "\" varies " + axes.stream().map(Axis::name).toList());
    }
    List<Point> having = having(metric);
    List<List<Double>> values = new ArrayList<>();
    for (Level row : axes.get(y).levels()) {
      values.add(
          axes.get(x).levels().stream()
              .map(
                  column ->
                      having.stream()
                          .filter(p -> p.levels().get(x).equals(column))
                          .filter(p -> p.levels().get(y).equals(row))
                          .mapToDouble(p -> p.figure(metric))
                          .average()
                          .orElse(Double.NaN))
              .toList());
    }
    return new HeatMap(
        metric.title() + " over " + across + " and " + down,
        headline() + (axes.size() > 2 ? "\nmean over all values of the other axes" : ""),
        new HeatMap.Axis(across, axes.get(x).levels().stream().map(Level::text).toList()),
        new HeatMap.Axis(down, axes.get(y).levels().stream().map(Level::text).toList()),
        metric.title(),
        values);
  }

  /** Which axis has this name. */
  int axis(String axis) {
    List<String> names = axes.stream().map(Axis::name).toList();
    int index = names.indexOf(axis);
    if (index < 0) {
      throw new DlacException(
          "sweep \"" + name + "\" does not vary \"" + axis + "\"",
          "one of " + names,
          names.isEmpty()
              ? "give it axes: over(window(2), window(4))"
              : "did you mean \"" + Check.nearest(axis, names) + "\"?");
    }
    return index;
  }

  /** A row per point: its number, its values, its figures, and its error if any has one. */
  public Table table() {
    return listing().table();
  }

  /** The table, with what was swept above it. */
  public Listing listing() {
    return listing(headline(), points);
  }

  /** The table of the best points by a metric, the best first. */
  public Listing top(int count, Metric by) {
    return listing(
        headline() + ", the best by " + by.title(),
        ranked(by).stream().limit(Check.positive("top", count)).toList());
  }

  Listing listing(String title, List<Point> rows) {
    List<Column<?>> columns = new ArrayList<>();
    columns.add(Columns.count("point", rows, Point::number));
    for (int i = 0; i < axes.size(); i++) {
      int axis = i;
      boolean whole =
          axes.get(i).levels().stream().allMatch(l -> l.text().matches("-?[0-9]{1,15}"));
      columns.add(
          whole
              ? Columns.count(
                  axes.get(i).name(), rows, p -> Long.parseLong(p.levels().get(axis).text()))
              : Columns.text(axes.get(i).name(), rows, p -> p.levels().get(axis).text()));
    }
    for (Metric metric : Metric.values()) {
      if (metric == Metric.ACCURACY
          && points.stream().allMatch(p -> Double.isNaN(p.figure(metric)))) {
        continue;
      }
      columns.add(Columns.decimal(metric.title(), metric.decimals(), rows, p -> p.figure(metric)));
    }
    if (rows.stream().anyMatch(p -> !p.failure().isEmpty())) {
      columns.add(
          Columns.text(
              "error",
              rows,
              p -> p.failure().lines().map(String::strip).collect(Collectors.joining("; "))));
    }
    return new Listing(title, Columns.table(name, columns.toArray(new Column<?>[0])), false);
  }

  /** One line: how many points, and what became of them. */
  public String headline() {
    int failed = failed().size();
    int left = points.size() - succeeded().size() - failed;
    return String.format(
        Locale.ROOT,
        "sweep %s over %s: %,d point%s%s%s%s",
        name,
        axes.isEmpty()
            ? "nothing"
            : axes.stream().map(Axis::name).collect(Collectors.joining(", ")),
        points.size(),
        points.size() == 1 ? "" : "s",
        failed == 0 ? "" : String.format(Locale.ROOT, ", %,d failed", failed),
        left == 0 ? "" : String.format(Locale.ROOT, ", %,d not simulated yet", left),
        excluded.entrySet().stream()
            .map(e -> String.format(Locale.ROOT, ", %,d left out by %s", e.getValue(), e.getKey()))
            .collect(Collectors.joining()));
  }

  /**
   * Writes the table.
   *
   * @param file where to; its ending is .csv, .json, .md, .tex, .html, .txt or .parquet
   * @return the file
   */
  public Path save(String file) {
    return listing().save(file);
  }

  /** The table. */
  @Override
  public String toString() {
    return listing().toString();
  }

  /** Level indices of a point, an axis each. */
  int[] indices(Point point) {
    return IntStream.range(0, axes.size())
        .map(i -> axes.get(i).levels().indexOf(point.levels().get(i)))
        .toArray();
  }
}
