package org.dlaclab.explore;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.dlaclab.error.DlacException;
import org.dlaclab.plot.BarChart;
import org.dlaclab.plot.Series;
import org.dlaclab.table.Columns;
import org.dlaclab.table.Listing;

/**
 * How much of the variance of a metric each axis explains by itself: {@code Var(E[metric | axis]) /
 * Var(metric)}, the main effect. Where all combinations were simulated, that is the first-order
 * Sobol index of values that are all as likely (Sobol, Mathematics and Computers in Simulation 55,
 * 2001), the shares add up to 1 at most, and what is left is due to axes together. Of a sample it
 * is an estimate, too high where an axis has many values for few points.
 *
 * @param effects an axis each, the strongest first
 * @param exact whether all combinations were simulated
 */
public record Sensitivity(
    Exploration exploration, Metric metric, List<Effect> effects, boolean exact) {
  /**
   * The main effect of an axis.
   *
   * @param share of the variance, 0 to 1
   */
  public record Effect(String axis, double share) {}

  public Sensitivity {
    effects = List.copyOf(effects);
  }

  static Sensitivity of(Exploration exploration, Metric metric) {
    exploration.requireFigures();
    List<Point> points = exploration.having(metric);
    double[] values = points.stream().mapToDouble(p -> p.figure(metric)).toArray();
    double mean = IntStream.range(0, values.length).mapToDouble(i -> values[i]).average().orElse(0);
    double total = 0;
    for (double value : values) {
      total += (value - mean) * (value - mean);
    }
    // By the values: rounding makes a variance of equal ones.
    if (Arrays.stream(values).min().equals(Arrays.stream(values).max())) {
      throw new DlacException(
          "all " + points.size() + " points have the same " + metric.title(),
          "figures that differ: nothing is to explain else",
          "take another metric, or vary more");
    }
    List<Effect> effects = new ArrayList<>();
    for (int axis = 0; axis < exploration.axes().size(); axis++) {
      int levels = exploration.axes().get(axis).levels().size();
      double[] sums = new double[levels];
      int[] counts = new int[levels];
      for (int p = 0; p < values.length; p++) {
        int level = exploration.indices(points.get(p))[axis];
        sums[level] += values[p] - mean;
        counts[level]++;
      }
      double between = 0;
      for (int level = 0; level < levels; level++) {
        between += counts[level] == 0 ? 0 : sums[level] * sums[level] / counts[level];
      }
      effects.add(new Effect(exploration.axes().get(axis).name(), between / total));
    }
    effects.sort((a, b) -> Double.compare(b.share(), a.share()));
    boolean exact =
        exploration.factorial()
            && exploration.excluded().isEmpty()
            && points.size() == exploration.points().size();
    return new Sensitivity(exploration, metric, effects, exact);
  }

  /** What no axis explains by itself; meaningful if {@link #exact}. */
  public double interactions() {
    return 1 - effects.stream().mapToDouble(Effect::share).sum();
  }

  /** A bar per axis, in percent. */
  public BarChart chart() {
    return new BarChart(
        "What explains " + metric.title(),
        exploration.headline() + "\n" + kind(),
        "variance explained (%)",
        effects.stream().map(Effect::axis).toList(),
        List.of(
            new Series(
                "main effect", effects.stream().map(e -> 100 * Math.max(0, e.share())).toList())),
        false);
  }

  private String kind() {
    return exact
        ? "first-order Sobol indices of all combinations"
        : "main effects, estimated from the points that there are";
  }

  /** A row per axis, and one for axes together where that is known. */
  public Listing listing() {
    List<Effect> rows = new ArrayList<>(effects);
    if (exact) {
      rows.add(new Effect("axes together", Math.max(0, interactions())));
    }
    return new Listing(
        "variance of " + metric.title() + ": " + kind(),
        Columns.table(
            "sensitivity",
            Columns.text("axis", rows, Effect::axis),
            Columns.percent("explained", rows, Effect::share)),
        false);
  }

  /** The table. */
  @Override
  public String toString() {
    return listing().toString();
  }
}
