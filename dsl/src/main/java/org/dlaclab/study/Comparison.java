package org.dlaclab.study;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import org.dlaclab.error.Check;
import org.dlaclab.error.DlacException;
import org.dlaclab.plot.BarChart;
import org.dlaclab.plot.Chart;
import org.dlaclab.plot.Charts;
import org.dlaclab.plot.LineChart;
import org.dlaclab.plot.Series;
import org.dlaclab.result.Spread;
import org.dlaclab.table.Columns;
import org.dlaclab.table.Listing;
import org.dlaclab.train.TrainOption;
import tech.tablesaw.columns.Column;

/**
 * What the trainings of a {@link Study} came to. Figures of a variant are over the seeds whose
 * training came to its end.
 *
 * @param title of which network and data
 * @param variants what is compared; the first one is what the others are compared with
 * @param seeds of each variant
 * @param outcomes of the trainings so far, by variant, then by seed
 */
public record Comparison(
    String title, List<Variant> variants, List<Long> seeds, List<Outcome> outcomes) {
  public Comparison {
    variants = List.copyOf(variants);
    List<Long> order = List.copyOf(seeds);
    seeds = order;
    List<String> names = variants.stream().map(Variant::name).toList();
    outcomes =
        outcomes.stream()
            .sorted(
                Comparator.comparingInt((Outcome o) -> names.indexOf(o.variant()))
                    .thenComparingInt(o -> order.indexOf(o.seed())))
            .toList();
  }

  Comparison with(List<Outcome> others) {
    return new Comparison(title, variants, seeds, others);
  }

  /** How many trainings there are when all is done. */
  int trainings() {
    return variants.size() * seeds.size();
  }

  /** Whether every variant was trained with every seed; otherwise the study was stopped. */
  public boolean complete() {
    return outcomes.size() == trainings();
  }

  /**
   * The outcomes of one variant so far, a seed each.
   *
   * @throws DlacException if there is no such variant
   */
  public List<Outcome> outcomes(String variant) {
    List<String> names = variants.stream().map(Variant::name).toList();
    if (!names.contains(variant)) {
      throw new DlacException(
          "the comparison has no variant \"" + variant + "\"",
          "one of " + names,
          "did you mean \"" + Check.nearest(variant, names) + "\"?");
    }
    return outcomes.stream().filter(o -> o.variant().equals(variant)).toList();
  }

  /** Those that came to their end. */
  private List<Outcome> succeeded(Variant variant) {
    return outcomes(variant.name()).stream().filter(Outcome::succeeded).toList();
  }

  private List<Outcome> diverged(Variant variant) {
    return outcomes(variant.name()).stream().filter(o -> !o.succeeded()).toList();
  }

  /**
   * How a figure of a variant varies over seeds; n is 0, and all else NaN, if no training of it has
   * come to its end.
   */
  public Spread spread(Variant variant, ToDoubleFunction<Outcome> figure) {
    return of(succeeded(variant).stream().mapToDouble(figure));
  }

  private static Spread of(DoubleStream values) {
    return Spread.of(values.toArray());
  }

  /**
   * How much higher the accuracy of a variant is than that of the first one, in percentage points:
   * over the seeds that both have, each a pair.
   */
  public Spread difference(Variant variant) {
    List<Outcome> first = succeeded(variants.get(0));
    return of(
        succeeded(variant).stream()
            .flatMapToDouble(
                o ->
                    first.stream()
                        .filter(f -> f.seed() == o.seed())
                        .mapToDouble(f -> 100 * (o.accuracy() - f.accuracy()))));
  }

  private boolean simulated() {
    return outcomes.stream().anyMatch(o -> !Double.isNaN(o.speedup()));
  }

  private boolean anyDiverged() {
    return outcomes.stream().anyMatch(o -> !o.succeeded());
  }

  /**
   * A row per variant: how many trainings came to their end, mean test accuracy in percent, its
   * standard deviation, the difference to the first variant and half of that difference's 95 %
   * interval (Student's t over pairs of seeds), these three in percentage points; and means of the
   * other figures of {@link Outcome}, with the standard deviation of the speedup over seeds, and
   * its 95 % interval if there are two or more.
   */
  public Listing table() {
    List<Column<?>> columns = new ArrayList<>();
    columns.add(Columns.text("variant", variants, Variant::name));
    columns.add(Columns.count("n", variants, v -> succeeded(v).size()));
    columns.add(decimal("accuracy (%)", 2, o -> 100 * o.accuracy()));
    columns.add(
        Columns.decimal("sd (points)", 2, variants, v -> spread(v, o -> 100 * o.accuracy()).sd()));
    if (variants.size() > 1) {
      columns.add(compared("difference (points)", Spread::mean));
      columns.add(compared("its 95% interval, +/-", s -> (s.high() - s.low()) / 2));
    }
    columns.add(percent("validation error", Outcome::validationError));
    columns.add(percent("weight density", Outcome::weightDensity));
    columns.add(percent("IFM density", Outcome::ifmDensity));
    columns.add(decimal("threshold", 3, Outcome::threshold));
    columns.add(decimal("epochs in full precision", 1, Outcome::fullPrecisionEpochs));
    if (simulated()) {
      columns.add(percent("effectual forward", Outcome::effectualForward));
      columns.add(percent("effectual backward", Outcome::effectualBackward));
      columns.add(decimal("speedup", 2, Outcome::speedup));
      columns.add(
          Columns.decimal("sd of speedup", 2, variants, v -> spread(v, Outcome::speedup).sd()));
      if (seeds.size() > 1) {
        columns.add(
            Columns.decimal("its 95% low", 2, variants, v -> spread(v, Outcome::speedup).low()));
        columns.add(
            Columns.decimal("its 95% high", 2, variants, v -> spread(v, Outcome::speedup).high()));
      }
    }
    columns.add(decimal("seconds", 0, Outcome::seconds));
    if (anyDiverged()) {
      columns.add(Columns.count("diverged", variants, v -> diverged(v).size()));
    }
    return listing(columns);
  }

  private Column<?> decimal(String name, int decimals, ToDoubleFunction<Outcome> figure) {
    return Columns.decimal(name, decimals, variants, v -> spread(v, figure).mean());
  }

  private Column<?> percent(String name, ToDoubleFunction<Outcome> figure) {
    return Columns.percent(name, variants, v -> spread(v, figure).mean());
  }

  /** Empty for the first variant, which would be compared with itself. */
  private Column<?> compared(String name, ToDoubleFunction<Spread> figure) {
    return Columns.decimal(
        name,
        2,
        variants,
        v -> v.equals(variants.get(0)) ? Double.NaN : figure.applyAsDouble(difference(v)));
  }

  /** A row per training, also of those that diverged, with why. */
  public Listing runs() {
    List<Column<?>> columns = new ArrayList<>();
    columns.add(Columns.text("variant", outcomes, Outcome::variant));
    columns.add(Columns.count("seed", outcomes, Outcome::seed));
    columns.add(Columns.decimal("accuracy (%)", 2, outcomes, o -> 100 * o.accuracy()));
    columns.add(Columns.percent("validation error", outcomes, Outcome::validationError));
    columns.add(Columns.percent("weight density", outcomes, Outcome::weightDensity));
    columns.add(Columns.percent("IFM density", outcomes, Outcome::ifmDensity));
    columns.add(Columns.decimal("threshold", 3, outcomes, Outcome::threshold));
    columns.add(Columns.count("epochs in full precision", outcomes, Outcome::fullPrecisionEpochs));
    if (simulated()) {
      columns.add(Columns.percent("effectual forward", outcomes, Outcome::effectualForward));
      columns.add(Columns.percent("effectual backward", outcomes, Outcome::effectualBackward));
      columns.add(Columns.decimal("speedup", 2, outcomes, Outcome::speedup));
    }
    columns.add(Columns.decimal("seconds", 0, outcomes, Outcome::seconds));
    if (anyDiverged()) {
      columns.add(Columns.text("failure", outcomes, Outcome::failure));
    }
    return listing(columns);
  }

  private Listing listing(List<Column<?>> columns) {
    return new Listing(headline(), Columns.table(title, columns.toArray(new Column<?>[0])), false);
  }

  private String headline() {
    return title
        + ": "
        + outcomes.size()
        + (complete() ? "" : " of " + trainings())
        + " trainings, seeds "
        + seeds.stream().map(String::valueOf).collect(Collectors.joining(", "));
  }

  /**
   * Share of wrong test images per variant, in percent, with the 95 % interval of the mean if each
   * variant has two seeds or more. Errors, because bars begin at 0: accuracies of 98 and 99 % would
   * look alike. A variant without a finished training has no bar.
   *
   * @throws DlacException if no variant has a finished training
   */
  public BarChart errors() {
    List<Variant> shown = variants.stream().filter(v -> !succeeded(v).isEmpty()).toList();
    List<Spread> errors =
        shown.stream().map(v -> spread(v, o -> 100 * (1 - o.accuracy()))).toList();
    List<Double> means = errors.stream().map(Spread::mean).toList();
    Series series =
        errors.stream().allMatch(s -> s.n() > 1)
            ? new Series(
                "mean, with its 95 % interval",
                means,
                // An interval of few seeds can reach beyond what an error can be.
                errors.stream().map(s -> clipped(s.low())).toList(),
                errors.stream().map(s -> clipped(s.high())).toList())
            : new Series("mean", means);
    return new BarChart(
        "Test error per variant",
        headline(),
        "wrong test images (%)",
        shown.stream().map(Variant::name).toList(),
        List.of(series),
        false);
  }

  private static double clipped(double percent) {
    return Math.max(0, Math.min(100, percent));
  }

  /**
   * Test accuracy against simulated speedup, a point per training.
   *
   * @throws DlacException if nothing was simulated
   */
  public LineChart tradeOff() {
    if (!simulated()) {
      throw new DlacException(
          "the trainings of " + title + " were not simulated",
          "a study with a grid, and a training that came to its end",
          "give the study on(grid)");
    }
    return new LineChart(
        "Accuracy and speedup",
        headline(),
        LineChart.Axis.linear("speedup over skip NONE"),
        LineChart.Axis.linear("right test images (%)"),
        variants.stream()
            .filter(v -> !succeeded(v).isEmpty())
            .map(
                v ->
                    new LineChart.Line(
                        v.name(),
                        LineChart.Style.MARKERS,
                        succeeded(v).stream()
                            .map(o -> new LineChart.Point(o.speedup(), 100 * o.accuracy()))
                            .toList()))
            .toArray(LineChart.Line[]::new));
  }

  /**
   * Test accuracy against epochs in full precision, a point per variant: the mean over seeds, with
   * its 95 % interval if there are two or more.
   */
  public LineChart preInit() {
    return new LineChart(
        "Accuracy by epochs in full precision",
        headline(),
        LineChart.Axis.linear("epochs in full precision"),
        LineChart.Axis.linear("right test images (%)"),
        new LineChart.Line(
            "mean over seeds",
            LineChart.Style.LINE_AND_MARKERS,
            variants.stream()
                .filter(v -> !succeeded(v).isEmpty())
                .sorted(Comparator.comparingDouble(this::epochs))
                .map(
                    v -> {
                      Spread s = spread(v, o -> 100 * o.accuracy());
                      return new LineChart.Point(
                          epochs(v), s.mean(), clipped(s.low()), clipped(s.high()));
                    })
                .toList()));
  }

  private double epochs(Variant variant) {
    return spread(variant, Outcome::fullPrecisionEpochs).mean();
  }

  /** Whether variants differ in nothing but the epochs in full precision. */
  private boolean differInPreInit() {
    TrainOption none = new TrainOption.PreInit(0);
    return variants.size() > 1
        && variants.stream()
                .map(v -> new Variant("any", v.policy(), v.recipe().with(none)))
                .distinct()
                .count()
            == 1;
  }

  /**
   * All charts that fit: {@link #errors}, {@link #preInit} if variants differ in nothing else,
   * {@link #tradeOff} if they were simulated.
   *
   * @throws DlacException if no training has come to its end
   */
  public Charts charts() {
    List<Chart> charts = new ArrayList<>(List.of(errors()));
    if (differInPreInit()) {
      charts.add(preInit());
    }
    if (simulated()) {
      charts.add(tradeOff());
    }
    return new Charts("", charts);
  }

  /**
   * Writes the table of variants; {@link #runs} has a {@code save} of its own.
   *
   * @param file where to; its ending is .csv, .json, .md, .tex, .html or .txt
   * @return the file
   */
  public Path save(String file) {
    return table().save(file);
  }

  /** The table of variants. */
  @Override
  public String toString() {
    return table().toString();
  }
}
