package org.dlaclab.explore;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.stream.Collectors;
import org.dlaclab.error.DlacException;
import org.dlaclab.plot.Chart;
import org.dlaclab.plot.Charts;
import org.dlaclab.plot.LineChart;
import org.dlaclab.table.Listing;
import tech.tablesaw.api.Table;

/**
 * The Pareto front of a sweep: the points that no other point beats. One point beats another if it
 * is at least as good in all metrics, and better in one.
 *
 * @param metrics two or three
 * @param points from the best to the worst by the first metric; of points with equal figures all
 * @param knee the point of balance: the nearest to an ideal point that has the best value of each
 *     metric, where a metric is measured from its best (0) to its worst (1) on the front, by
 *     Euclidean distance (compromise programming; Zeleny, 1973)
 */
public record Front(Exploration exploration, List<Metric> metrics, List<Point> points, Point knee) {
  /** So many characters of a legend leave room for the chart. */
  private static final int LEGEND = 80;

  public Front {
    metrics = List.copyOf(metrics);
    points = List.copyOf(points);
  }

  static Front of(Exploration exploration, List<Metric> metrics) {
    require(metrics);
    exploration.requireFigures();
    List<Point> front = front(exploration.having(metrics.toArray(new Metric[0])), metrics);
    return new Front(exploration, metrics, front, knee(front, metrics));
  }

  static void require(List<Metric> metrics) {
    if (metrics.size() < 2
        || metrics.size() > 3
        || new HashSet<>(metrics).size() < metrics.size()) {
      throw new DlacException(
          "a Pareto front over " + metrics,
          "two or three metrics, all different",
          "try pareto(CYCLES, PES)");
    }
  }

  /** A point can be beaten only by one that comes before it in this order. */
  private static List<Point> front(List<Point> all, List<Metric> metrics) {
    Comparator<Point> order = Comparator.comparingDouble(p -> cost(p, metrics.get(0)));
    for (Metric metric : metrics.subList(1, metrics.size())) {
      order = order.thenComparingDouble(p -> cost(p, metric));
    }
    List<Point> front = new ArrayList<>();
    for (Point point : all.stream().sorted(order.thenComparingLong(Point::number)).toList()) {
      if (front.stream().noneMatch(other -> beats(other, point, metrics))) {
        front.add(point);
      }
    }
    return front;
  }

  private static boolean beats(Point a, Point b, List<Metric> metrics) {
    boolean better = false;
    for (Metric metric : metrics) {
      double costA = cost(a, metric);
      double costB = cost(b, metric);
      if (costA > costB) {
        return false;
      }
      better |= costA < costB;
    }
    return better;
  }

  private static double cost(Point point, Metric metric) {
    return metric.cost(point.figure(metric));
  }

  private static Point knee(List<Point> front, List<Metric> metrics) {
    return front.stream()
        .min(
            Comparator.comparingDouble(
                p -> metrics.stream().mapToDouble(m -> square(scaled(p, m, front))).sum()))
        .orElseThrow();
  }

  private static double scaled(Point point, Metric metric, List<Point> front) {
    double best = front.stream().mapToDouble(p -> cost(p, metric)).min().orElseThrow();
    double worst = front.stream().mapToDouble(p -> cost(p, metric)).max().orElseThrow();
    return best == worst ? 0 : (cost(point, metric) - best) / (worst - best);
  }

  private static double square(double value) {
    return value * value;
  }

  /** All points, and among them the front and its knee; of three metrics a chart per pair. */
  public Chart chart() {
    if (metrics.size() == 2) {
      return chart(metrics.get(0), metrics.get(1));
    }
    return new Charts(
        "",
        chart(metrics.get(0), metrics.get(1)),
        chart(metrics.get(0), metrics.get(2)),
        chart(metrics.get(1), metrics.get(2)));
  }

  private LineChart chart(Metric y, Metric x) {
    LineChart.Line line = Exploration.line("Pareto front", x, y, points);
    List<LineChart.Point> along =
        line.points().stream().sorted(Comparator.comparingDouble(LineChart.Point::x)).toList();
    return new LineChart(
        "Pareto front: " + metrics.stream().map(Metric::title).collect(Collectors.joining(", ")),
        exploration.headline(),
        LineChart.Axis.linear(x.title()),
        LineChart.Axis.linear(y.title()),
        Exploration.line("other points", x, y, others()),
        new LineChart.Line(
            line.name(),
            metrics.size() == 2 ? LineChart.Style.LINE_AND_MARKERS : LineChart.Style.MARKERS,
            along),
        Exploration.line("knee: " + kneeInShort(), x, y, List.of(knee)));
  }

  private String kneeInShort() {
    String values = Point.text(exploration.axes(), knee.levels());
    return values.length() <= LEGEND ? values : "point " + knee.number();
  }

  private List<Point> others() {
    return exploration.having(metrics.toArray(new Metric[0])).stream()
        .filter(p -> !points.contains(p))
        .toList();
  }

  /** A row per point of the front. */
  public Table table() {
    return listing().table();
  }

  /** The table, with what it is above it. */
  public Listing listing() {
    return exploration.listing(
        "Pareto front by "
            + metrics.stream().map(Metric::title).collect(Collectors.joining(", "))
            + ": "
            + points.size()
            + " of "
            + exploration.succeeded().size()
            + " points; knee: point "
            + knee.number(),
        points);
  }

  /** Writes the table, as {@link Exploration#save}. */
  public Path save(String file) {
    return listing().save(file);
  }

  /** The table. */
  @Override
  public String toString() {
    return listing().toString();
  }
}
